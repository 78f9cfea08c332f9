// The course: every walkthrough in docs/walkthroughs holds, twice in a row, and leaves nothing behind.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { missing } from '../support/tools.js';
import { Classroom } from '../support/walkthrough.js';

const LIMIT = { timeout: 180_000 };
const FOLDER = fileURLToPath(new URL('../../../docs/walkthroughs/', import.meta.url));

const room = new Classroom();
after(() => room.close());

const files = readdirSync(FOLDER).filter((file) => /^\d/.test(file));

it('there are walkthroughs, each with a number of its own', () => {
  assert.ok(files.length >= 2);
  assert.equal(new Set(files.map((file) => Number.parseInt(file, 10))).size, files.length);
});

for (const file of files) {
  it(`${file} holds, twice in a row`, { ...LIMIT, skip: missing('ss') || missing('curl') }, async () => {
    for (let time = 0; time < 2; time++) {
      const run = room.start([file.replace('.md', ''), '--check', '--port', '0']);
      const { status } = await run.ended;
      assert.deepEqual([room.processes(), room.rooms()], [[], []]);
      assert.deepEqual([status, run.stderr], [0, ''], run.stdout);
      assert.doesNotMatch(run.stdout, /Skipped|FAILED/);
    }
  });
}

it('the list of the course names each of them once', () => {
  const list = readFileSync(join(FOLDER, 'README.md'), 'utf8');
  const named = [...list.matchAll(/^\| \d+ \| \[[^\]]+\]\(([^)]+)\)/gm)].map((match) => match[1]);
  assert.deepEqual(named, files.toSorted());
});
