// An assignment: what a teacher may write, and a sentence that names the field for everything else.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assignmentText, defaultAssignment, readAssignment } from '../../src/grade/assignment.js';
import { AssignmentProblem } from '../../src/grade/fields.js';
import { temporaryFolder } from '../support/cleanup.js';
import { run } from '../support/server.js';

const folder = temporaryFolder();
const file = join(folder, 'week1.json');

function problemOf(content: string): string {
  writeFileSync(file, content);
  try {
    readAssignment(file);
  } catch (error) {
    assert.ok(error instanceof AssignmentProblem);
    return error.message.replace(`The assignment ${file}: `, '');
  }
  return '';
}

const withCheck = (check: unknown, more = {}): string => JSON.stringify({ ...more, checks: [check] });

describe('an assignment with a mistake', () => {
  const MISTAKES: readonly [what: string, content: string, sentence: RegExp][] = [
    ['no JSON', '{\n"checks": [\n}', /^It is not JSON\. Look at line 3, or just before it\.$/],
    ['no object', '[]', /^It cannot be \[\]\. Use an object: \{ \.\.\. \}\.$/],
    ['no checks', '{}', /^"checks" cannot be nothing\. Use a list of 1 to 100 checks/],
    ['a check that is a text', withCheck('answers'), /^Check 1 cannot be "answers"\. Use an object/],
    [
      'an unknown check',
      withCheck({ check: 'anwsers' }),
      /^Check 1 cannot be "anwsers"\. Did you mean "answers"\?$/,
    ],
    [
      'a check without its name',
      withCheck({ points: 1 }),
      /^Check 1 has no "check"\. Use one of answers, pieces, /,
    ],
    [
      'an unknown field',
      withCheck({ check: 'answers' }, { titel: 'x' }),
      /^There is no field "titel"\. Did you mean "title"\?$/,
    ],
    [
      'a field of another check',
      withCheck({ check: 'answers', pace: 3 }),
      /^There is no field "pace" of the check "answers"\. Use check, requests, seconds, name, points, hidden\.$/,
    ],
    [
      'a limit that is none',
      withCheck({ check: 'silent', clients: 0 }),
      /^"clients" of the check "silent" cannot be 0\. Use a whole number from 1 to 1000\.$/,
    ],
    [
      'points as a text',
      withCheck({ check: 'silent', points: '5' }),
      /^"points" of .* cannot be "5"\. Use a number from 0 to 1000\.$/,
    ],
    [
      'a protocol of its own',
      withCheck({ check: 'silent' }, { protocol: 'ftp' }),
      /^"protocol" cannot be "ftp"\. Use "http" or "plain"\.$/,
    ],
    [
      'a large reply that is none',
      withCheck({ check: 'silent' }, { big: { bytes: 1 } }),
      /^"bytes" of "big" cannot be 1\. /,
    ],
    [
      'the same name twice',
      JSON.stringify({ checks: [{ check: 'silent' }, { check: 'silent' }] }),
      /^Two checks are named "silent"\. Give one of them a "name" of its own\.$/,
    ],
  ];
  for (const [what, content, sentence] of MISTAKES) {
    it(`${what} is refused in a sentence that names it`, () => {
      assert.match(problemOf(content), sentence);
    });
  }

  it('ends with status 2 before anything is started', async () => {
    const args = (path: string): string[] => [
      'grade',
      `--assignment=${path}`,
      '--',
      'no-such-program',
      '{port}',
    ];
    writeFileSync(file, withCheck({ check: 'silent', secnds: 1 }));
    const { status, stdout, stderr } = await run(args(file));
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(
      stderr,
      /^evented-demo: The assignment .*week1\.json: There is no field "secnds" .* Did you mean "seconds"\?\n$/,
    );
    const unknown = await run(['grade', '--only=silnt', '--', 'no-such-program', '{port}']);
    assert.deepEqual([unknown.status, unknown.stdout], [2, '']);
    assert.match(unknown.stderr, /^evented-demo: There is no check "silnt"\. Did you mean "silent"\?\n$/);
    const noFolder = await run(['grade', '--junit=/no/such/x', '--', 'no-such-program', '{port}']);
    assert.deepEqual([noFolder.status, noFolder.stdout], [2, '']);
    assert.match(
      noFolder.stderr,
      /^evented-demo: Cannot write to \/no\/such\/x: its folder does not exist\. Name another one\.\n$/,
    );
    mkdirSync(join(folder, 'sub'));
    const other = await run(args(join(folder, 'sub')));
    assert.deepEqual([other.status, other.stdout], [2, '']);
    assert.match(other.stderr, /sub: It cannot be read: it is a folder\.\n$/);
  });
});

it('the assignments of docs/assignment have no mistake, and 100 points each', () => {
  for (const week of [1, 2, 3]) {
    const path = fileURLToPath(new URL(`../../../docs/assignment/week${week}.json`, import.meta.url));
    const { checks } = readAssignment(path);
    assert.equal(
      checks.reduce((sum, { points }) => sum + points, 0),
      100,
    );
  }
});

it('--print-assignment prints one with every check, and each field with its default', async () => {
  const { status, stdout } = await run(['grade', '--print-assignment']);
  assert.deepEqual([status, stdout], [0, assignmentText()]);
  writeFileSync(file, stdout);
  assert.deepEqual(readAssignment(file), defaultAssignment());
});
