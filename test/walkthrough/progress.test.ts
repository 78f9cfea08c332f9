// The progress file where something stands in its way: what can't be kept is said once, and nothing is lost or replaced.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, it } from 'node:test';
import { ProgressFile } from '../../src/walkthrough/progress.js';
import { spawn } from '../support/cleanup.js';

const HALF = { next: 'Second', done: 1, of: 2 };
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'progress-'));
  path = join(folder, 'state', 'evented-demo', 'walkthroughs.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(at = path): { file: ProgressFile; warnings: string[] } {
  const warnings: string[] = [];
  return { file: new ProgressFile((sentence) => warnings.push(sentence), at), warnings };
}

function makeFolder(): string {
  mkdirSync(dirname(path), { recursive: true });
  return dirname(path);
}

it('is made with the folders above it, and keeps what others have saved', () => {
  open().file.set('a', HALF);
  const { file, warnings } = open();
  file.set('b', { done: 2, of: 2 });
  assert.ok(file.isSaved);
  assert.deepEqual(warnings, []);
  assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), { a: HALF, b: { done: 2, of: 2 } });
  assert.deepEqual(open().file.get('a'), HALF);
});

it('stays a symbolic link, and the file behind it is written, there or not yet', () => {
  const behind = join(folder, 'dotfiles.json');
  symlinkSync('../../dotfiles.json', join(makeFolder(), 'walkthroughs.json'));
  for (const key of ['a', 'b']) open().file.set(key, HALF);
  assert.ok(lstatSync(path).isSymbolicLink());
  assert.deepEqual(JSON.parse(readFileSync(behind, 'utf8')), { a: HALF, b: HALF });
});

it('what is no progress is moved aside, and the next progress is saved', () => {
  makeFolder();
  for (const broken of ['{', '[]', 'null', '{"a":{"done":"x"}}']) {
    writeFileSync(path, broken);
    const { file, warnings } = open();
    assert.equal(file.get('a'), undefined);
    file.set('b', HALF);
    assert.match(warnings.join(), /is not readable as JSON/);
    assert.equal(readFileSync(`${path}.broken`, 'utf8'), broken);
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), { b: HALF });
  }
});

it('a broken file behind a link is moved aside, and the link stays', () => {
  const behind = join(folder, 'dotfiles.json');
  writeFileSync(behind, '{');
  symlinkSync(behind, join(makeFolder(), 'walkthroughs.json'));
  const { file, warnings } = open();
  file.set('a', HALF);
  assert.match(warnings.join(), /is not readable as JSON\. It was moved to \S+dotfiles\.json\.broken,/);
  assert.equal(readFileSync(`${behind}.broken`, 'utf8'), '{');
  assert.ok(lstatSync(path).isSymbolicLink());
  assert.deepEqual(JSON.parse(readFileSync(behind, 'utf8')), { a: HALF });
});

/** What stands in the way, made in the folder of the file; and why, in words. */
const IN_THE_WAY: Record<string, [make: () => void, why: RegExp]> = {
  'a folder in its place': [() => mkdirSync(join(makeFolder(), 'walkthroughs.json')), /it is a folder/],
  'a pipe in its place': [
    () => spawnSync('mkfifo', [join(makeFolder(), 'walkthroughs.json')]),
    /it is a pipe/,
  ],
  'a pipe behind its link': [
    () => {
      spawnSync('mkfifo', [join(makeFolder(), 'pipe')]);
      symlinkSync('pipe', path);
    },
    /it is a pipe/,
  ],
  'a link to itself': [
    () => symlinkSync('walkthroughs.json', join(makeFolder(), 'walkthroughs.json')),
    /its links lead in a circle/,
  ],
  'a link into a folder that is not there': [
    () => symlinkSync('gone/there.json', join(makeFolder(), 'walkthroughs.json')),
    /there is no folder \S+gone/,
  ],
  'a file too large': [
    () => writeFileSync(join(makeFolder(), 'walkthroughs.json'), ' '.repeat(2 ** 20 + 1)),
    /1048577 bytes/,
  ],
  'a file in place of its folder': [
    () => writeFileSync(join(folder, 'state'), ''),
    /a part of the path is not a folder/,
  ],
  'a link to nowhere in place of its folder': [
    () => symlinkSync('nowhere', join(folder, 'state')),
    /state cannot be made, a file or a broken link/,
  ],
};

for (const [what, [make, why]] of Object.entries(IN_THE_WAY)) {
  it(`${what}: says once that progress is not saved, and changes nothing`, () => {
    make();
    const before = readdirSync(folder, { recursive: true });
    const { file, warnings } = open();
    assert.equal(file.get('a'), undefined);
    file.trySaving();
    file.set('a', HALF);
    file.set('a', { done: 2, of: 2 });
    assert.equal(file.isSaved, false);
    assert.equal(warnings.length, 1, warnings.join('\n'));
    assert.match(warnings[0]!, /^Progress is not saved: .+\. Set XDG_STATE_HOME to a folder/);
    assert.match(warnings[0]!, why);
    assert.deepEqual(readdirSync(folder, { recursive: true }), before);
  });
}

/** As a script: in a process of its own it can be stopped where it never comes back, and have a file system of its own. */
const SCRIPT = `
  const { ProgressFile } = await import(process.argv[1]);
  const file = new ProgressFile((sentence) => console.log(sentence));
  file.set('a', { done: 1, of: 2 });
  console.log(file.isSaved, file.path);
`;
const MODULE = new URL('../../src/walkthrough/progress.js', import.meta.url).href;

async function inOwnProcess(env: NodeJS.ProcessEnv, under: readonly string[] = []): Promise<string> {
  const [command, ...args] = [...under, process.execPath, '--input-type=module', '-e', SCRIPT, MODULE];
  const child = spawn(command!, args, { cwd: folder, env: { ...process.env, ...env }, timeout: 60_000 });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  assert.deepEqual(await once(child, 'close'), [0, null]);
  return printed;
}

it('in /proc, where no folder can be made, it ends with a sentence', async () => {
  const printed = await inOwnProcess({ XDG_STATE_HOME: '/proc/nope' });
  assert.match(printed, /^Progress is not saved: .+ no folder can be made in \/proc\. Set .+\nfalse /);
});

it('a relative XDG_STATE_HOME is ignored', async () => {
  const printed = await inOwnProcess({ XDG_STATE_HOME: 'state', HOME: join(folder, 'home') });
  assert.equal(printed, `true ${join(folder, 'home/.local/state/evented-demo/walkthroughs.json')}\n`);
  assert.deepEqual(readdirSync(folder), ['home']);
});

/** Under a shell that mounts a file system at XDG_STATE_HOME, for this process alone. */
const mounted = (options: string, script: string): string[] => [
  'unshare',
  '-rm',
  'sh',
  '-c',
  `mount -t tmpfs -o ${options} none "$XDG_STATE_HOME"; ${script}`,
  'sh',
];
const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', tmpdir()]).status === 0;
const skip = !canMount && 'nothing can be mounted here';

it('on a read-only file system it says so', { skip }, async () => {
  mkdirSync(join(folder, 'state'));
  const printed = await inOwnProcess({ XDG_STATE_HOME: join(folder, 'state') }, mounted('ro', 'exec "$@"'));
  assert.match(printed, /evented-demo cannot be made, the file system is read-only\. Set .+\nfalse /);
});

it('on a full disk it says so, and leaves no draft', { skip }, async () => {
  mkdirSync(join(folder, 'state'));
  const script = 'head -c 4096 /dev/zero >"$XDG_STATE_HOME/full"; "$@"; ls -R "$XDG_STATE_HOME"';
  const printed = await inOwnProcess({ XDG_STATE_HOME: join(folder, 'state') }, mounted('size=4k', script));
  assert.match(printed, /walkthroughs\.json cannot be written, the disk is full\. Set .+\nfalse /);
  assert.doesNotMatch(printed, /walkthroughs\.json\.\d/);
});
