// `npm run build`: from src/ and test/ to build/, unless that is newer than all of them. It is not part of the program.
// A server may run from build/ meanwhile: the new one is made beside it and takes its place in a moment, whole.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const BUILD = 'build';
/** Written before anything is read: what is newer was changed afterwards. */
const STAMP = 'built';
/** What a build depends on. A folder's own time shows what was added to it, moved or removed. */
const SOURCES = ['src', 'test', 'package.json', 'package-lock.json', 'tsconfig.json'];
/** In src/models/: what is bundled for threads and processes. */
const ENTRIES = [
  'first-thread',
  'evented/worker-thread',
  'blocking/connection-thread',
  'blocking/pool-thread',
  'blocking/connection-process',
];

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
if (isFresh()) console.log(`${BUILD}/ is up to date.`);
else await build();

function isFresh() {
  const stamp = statSync(join(BUILD, STAMP), { throwIfNoEntry: false });
  return stamp !== undefined && SOURCES.every((path) => isOlder(path, stamp.mtimeMs));
}

function isOlder(/** @type {string} */ path, /** @type {number} */ than) {
  const { mtimeMs } = statSync(path);
  if (mtimeMs >= than) return false;
  if (!statSync(path).isDirectory()) return true;
  return readdirSync(path).every((name) => isOlder(join(path, name), than));
}

async function build() {
  const fresh = `${BUILD}-${process.pid}`;
  process.on('SIGINT', () => {}); // Ctrl-C ends the compiler too; what it wrote is then removed
  mkdirSync(fresh, { recursive: true });
  try {
    writeFileSync(join(fresh, STAMP), '');
    compile(fresh);
    await writeSourceLines(join(fresh, 'src/live'));
    replaceBuild(fresh);
  } catch (error) {
    if (error.code === 'ENOENT') console.error(`${error.path} is not installed. Run npm install first.`);
    else if (error.status === undefined) throw error; // otherwise the compiler has said what is wrong
    process.exitCode = 1;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function compile(/** @type {string} */ folder) {
  const src = join(folder, 'src');
  const page = 'src/page';
  run('tsc', '--outDir', folder);
  run('tsc', '-p', page); // which knows the browser's types, and emits nothing
  const models = join(src, 'models');
  run(
    'esbuild',
    ...ENTRIES.map((entry) => join(models, `${entry}.js`)),
    '--bundle',
    '--platform=node',
    '--format=cjs',
    '--external:koffi',
    '--define:import.meta.url=fileUrl',
    '--banner:js=const fileUrl = require("node:url").pathToFileURL(__filename).href;',
    '--log-level=warning',
    '--entry-names=[name]',
    '--out-extension:.js=.cjs',
    `--outdir=${models}`,
  );
  run(
    'esbuild',
    `${page}/page.ts`,
    `${page}/sweep-page.ts`,
    `${page}/player-page.ts`,
    `${page}/page.css`,
    '--bundle',
    '--minify',
    '--format=iife',
    '--target=es2023',
    '--log-level=warning',
    `--outdir=${join(folder, 'src/page')}`,
  );
}

/** The lines of the source that a live page shows: what is installed has no TypeScript. */
async function writeSourceLines(/** @type {string} */ folder) {
  const { findSourceLines } = await import(pathToFileURL(resolve(folder, 'source-lines.js')).href);
  const found = findSourceLines((/** @type {string} */ file) =>
    readFileSync(join('src/models', file), 'utf8'),
  );
  writeFileSync(join(folder, 'source-lines.json'), JSON.stringify(found));
}

function run(/** @type {string} */ tool, /** @type {string[]} */ ...args) {
  execFileSync(tool, args, { stdio: 'inherit', shell: process.platform === 'win32' });
}

/** Another build may do the same at this moment: then whichever comes last stays. */
function replaceBuild(/** @type {string} */ fresh) {
  const old = `${fresh}-old`;
  for (let placed = false; !placed; ) {
    moved(BUILD, old);
    placed = moved(fresh, BUILD);
    rmSync(old, { recursive: true, force: true });
  }
}

/** False where there is nothing to move, or something else has come to stand there. */
function moved(/** @type {string} */ from, /** @type {string} */ to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code)) return false;
    throw error;
  }
}
