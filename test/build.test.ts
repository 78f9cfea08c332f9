// `npm run build` beside a server that runs, and the launcher where the program can't start. On a copy of the sources.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { spawn, temporaryFolder } from './support/cleanup.js';
import { ask, get, HELLO } from './support/client.js';
import { LIMIT } from './support/limit.js';
import { TestServer } from './support/server.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url)); // this file is run from build/test
const TOOLS = join(ROOT, 'node_modules/.bin');
const env = { ...process.env, PATH: `${TOOLS}:${process.env.PATH}` };
const COPIED = ['bin', 'src', 'package.json', 'package-lock.json', 'tsconfig.json'];

function clone(): string {
  const folder = temporaryFolder();
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  mkdirSync(join(folder, 'test')); // without the tests, the build is quicker
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

const build = (folder: string): string =>
  execFileSync(process.execPath, [join(folder, 'src/build.mjs')], { env, encoding: 'utf8' });

const launcher = (folder: string): string => join(folder, 'bin/evented-demo.js');

it('builds what is new, and nothing where nothing is', LIMIT, () => {
  const folder = clone();
  const built = (): number => statSync(join(folder, 'build')).ino;
  assert.equal(build(folder), '');
  const first = built();
  assert.equal(build(folder), 'build/ is up to date.\n');
  assert.equal(built(), first);
  appendFileSync(join(folder, 'src/cli/main.ts'), '\n');
  build(folder);
  const second = built();
  assert.notEqual(second, first);
  rmSync(join(folder, 'src/compare/sweep/textbook.ts')); // which others need
  assert.throws(() => build(folder));
  assert.equal(built(), second, 'a build that fails leaves the one before it');
});

it(
  'a server answers while the program is built again, and says so where its files have gone',
  LIMIT,
  async () => {
    const folder = clone();
    build(folder);
    const flags = ['--mode=blocking', '--spare-threads=0']; // each connection loads the thread's file
    const server = await TestServer.start(flags, [], launcher(folder));
    appendFileSync(join(folder, 'src/cli/main.ts'), '\n');
    const builder = spawn(process.execPath, [join(folder, 'src/build.mjs')], { env, stdio: 'ignore' });
    let building = true;
    const done = once(builder, 'close').then(([status]) => {
      building = false;
      return status;
    });
    while (building) assert.equal(await ask(server.port, get('/')), HELLO);
    assert.equal(await done, 0);
    assert.equal(server.all('refused').length, 0);

    rmSync(join(folder, 'build'), { recursive: true });
    assert.equal(await ask(server.port, get('/')), '');
    const { problem } = await server.first('crashed');
    assert.match(problem, /connection-thread\.cjs is gone, .*; restart the server$/);
    assert.equal(server.all('refused').length, 0, 'the system refused no thread');
    assert.equal((await server.stop()).status, 0);
  },
);

it('the launcher says that the program is not built', LIMIT, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher(clone()), 'serve'], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^evented-demo: The program is not built, .* Run `npm install` in its folder\.\n$/);
});

it('the launcher names the Node that is needed where this one is too old', LIMIT, () => {
  const old = "data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'18.20.8'}})";
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', old, launcher(ROOT), 'serve'], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^evented-demo: This is Node 18\.20\.8\. Install Node 20 or later, [^\n]+\n$/);
});
