// Which walkthrough a name means, and files that are none.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { find, read, UnknownName } from '../../src/walkthrough/library.js';
import { parseWalkthrough } from '../../src/walkthrough/parse.js';
import { temporaryFolder } from '../support/cleanup.js';

const LISTS = /Use a number from 1 to \d+, or a name: `.* walkthrough` lists them all\. /;

test('an unknown name is told what it may have meant', () => {
  for (const [name, near] of [
    ['the-for-numbers', /Did you mean the-four-numbers\? /],
    ['foo', LISTS],
    ['zzzzzzzzzzzzzz', LISTS],
    ['99', LISTS],
    ['', LISTS],
    ['backlog', LISTS],
    ['handlr', /Did you mean the-rude-handler\? /],
    ['c1k', /Did you mean c10k\? /],
  ] as const)
    assert.throws(
      () => find(name),
      (error: Error) =>
        error instanceof UnknownName &&
        error.message.includes(`No walkthrough is named "${name}". `) &&
        near.test(error.message),
      name,
    );
});

const folder = temporaryFolder();
const TEXT = '# Café\n\nA test.\n\n## In a\n\n```sh a\ntrue\n```\n';

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function ofKind(name: string, make: (path: string) => unknown): string {
  const path = join(folder, name);
  make(path);
  return path;
}

const REFUSED: Record<string, [path: string, sentence: RegExp]> = {
  'a file that is not there': ['no-such.md', /^Cannot read no-such\.md: it does not exist\./],
  'a folder': [ofKind('folder.md', mkdirSync), /folder\.md: it is a folder\./],
  'a pipe that nobody writes to': [
    ofKind('pipe.md', (path) => spawnSync('mkfifo', [path])),
    /pipe\.md: it is a pipe\./,
  ],
  'a file too large': [file('huge.md', 'x'.repeat(2 ** 20 + 1)), /huge\.md: it has 1048577 bytes/],
  'an empty file': [file('empty.md', '\n \n'), /empty\.md is empty\./],
  'Latin-1': [
    file('latin1.md', Buffer.from(TEXT, 'latin1')),
    /latin1\.md:1: This line is not UTF-8 text\. Save the file as UTF-8\./,
  ],
  'UTF-16': [
    file('utf16.md', Buffer.from(`\ufeff${TEXT}`, 'utf16le')),
    /utf16\.md:1: This line is not UTF-8 text\./,
  ],
  'a binary file': [file('binary.md', '\0\x01\n'.repeat(1000)), /binary\.md:1: .*\\u0000/],
};

for (const [what, [path, sentence]] of Object.entries(REFUSED)) {
  test(`refuses ${what} with one sentence`, () => {
    assert.throws(
      () => parseWalkthrough(path, read(find(path))),
      (error: Error) => /^[^\n]+$/.test(error.message) && sentence.test(error.message),
    );
  });
}
