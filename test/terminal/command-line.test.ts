// The commands that the program tells a user to type: as it was started, so that they work where they are typed.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { commandLine } from '../../src/terminal/command-line.js';
import { temporaryFolder } from '../support/cleanup.js';
import { LIMIT } from '../support/limit.js';
import { PROGRAM } from '../support/server.js';

const folder = temporaryFolder();
const { PATH } = process.env;

/** A link to the program, as npm makes one for each command of a package. */
function installed(...folders: readonly string[]): string {
  const bin = join(folder, ...folders);
  mkdirSync(bin, { recursive: true });
  symlinkSync(PROGRAM, join(bin, 'evented-demo'));
  return bin;
}

const onPath = installed('bin');
const local = installed('node_modules', '.bin');
const elsewhere = installed('else where');
const root = dirname(dirname(PROGRAM));

for (const [how, command, cwd, path, name] of [
  ['in a clone', 'node bin/evented-demo.js', root, PATH, 'node bin/evented-demo.js'],
  [
    'from below a clone',
    'node ../bin/evented-demo.js',
    join(root, 'docs'),
    PATH,
    'node ../bin/evented-demo.js',
  ],
  ['installed for all', 'evented-demo', folder, `${onPath}:${PATH}`, 'evented-demo'],
  ['installed for one project', 'node_modules/.bin/evented-demo', folder, PATH, 'npx evented-demo'],
  [
    'by npx, which puts its folder on the PATH',
    'evented-demo',
    folder,
    `${local}:${PATH}`,
    'npx evented-demo',
  ],
  ['by a link', `'${elsewhere}/evented-demo'`, folder, PATH, "'else where/evented-demo'"],
] as const) {
  it(`${how}: hints begin with ${name}`, LIMIT, () => {
    const env = { ...process.env, PATH: path };
    const told = (args: string): string =>
      execFileSync('sh', ['-c', `${command} ${args}`], { cwd, env, encoding: 'utf8' });
    assert.ok(told('--help').startsWith(`Usage: ${name} [options]`), told('--help'));
    assert.ok(told('').includes(`\n  ${name} walkthrough 1 `), told(''));
    const line = told('')
      .split('\n')
      .find((each) => each.includes(' walkthrough 1 '))!;
    const typed = line.trim().replace(/ walkthrough 1 .*/, '');
    if (!name.startsWith('npx'))
      assert.match(execFileSync('sh', ['-c', `${typed} --version`], { cwd, env, encoding: 'utf8' }), /^\d/);
  });
}

it('what a shell would take apart is quoted', () => {
  assert.ok(commandLine('walkthrough', "a b/it's.md").endsWith(` walkthrough 'a b/it'\\''s.md'`));
  assert.ok(commandLine('serve', '--host', '::1', '--port', '9').endsWith(' serve --host ::1 --port 9'));
});
