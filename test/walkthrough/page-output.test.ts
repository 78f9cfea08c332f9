// A lesson as a page shows the output of a real run: `--check --write` puts it there, and keeps the pattern in a comment.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, it } from 'node:test';
import { staleOutputs } from '../../src/walkthrough/page-output.js';
import { parseWalkthrough } from '../../src/walkthrough/parse.js';
import { LIMIT } from '../support/limit.js';
import { Classroom } from '../support/walkthrough.js';

const classroom = new Classroom();
after(() => classroom.close());

async function check(...args: string[]) {
  const run = classroom.start([...args, '--check']);
  const { status } = await run.ended;
  return { status, stderr: run.stderr };
}

const lesson = (output: string): string => `# Own

A test.

## In a

\`\`\`sh a
echo begin; for i in 3 4 5; do echo "  n $i"; done; echo pid $BASHPID; echo pid $BASHPID; echo end; echo over
\`\`\`

${output}
`;
const block = (info: string, text: string): string => `\`\`\`${info}\n${text}\n\`\`\``;

it(
  'puts the output of the run on the page, and the pattern beside it, where they differ',
  LIMIT,
  async () => {
    const [inOrder, anyOrder, literal] = [
      block('text', 'n <first>\n...\npid <pid>'),
      `${block('text a any-order', 'old')}\n<!-- pattern:\nend\npid <pid>\n-->`,
      block('text a', 'over'),
    ];
    const file = classroom.file(lesson([inOrder, anyOrder, literal].join('\n\n')));
    const written = lesson(
      [
        block('text', '  n 3\n...\npid PID'),
        '<!-- pattern:\nn <first>\n...\npid <pid>\n-->',
        '',
        block('text a any-order', 'pid PID\nend'),
        '<!-- pattern:\nend\npid <pid>\n-->',
        '',
        literal,
      ].join('\n'),
    );
    for (const round of ['first', 'again']) {
      assert.deepEqual(await check(file, '--write'), { status: 0, stderr: '' }, round);
      assert.equal(readFileSync(file, 'utf8').replace(/pid \d+/g, 'pid PID'), written, round);
    }
    assert.deepEqual(await check(file), { status: 0, stderr: '' });
  },
);

it(
  'a page that shows what its pattern does not match is reported, and its run still checked',
  LIMIT,
  async () => {
    const text = lesson(`${block('text', 'n three')}\n<!-- pattern: n <first, at least 3> -->`);
    const { status, stderr } = await check(classroom.file(text));
    assert.equal(status, 1);
    assert.match(
      stderr,
      /:12: The output that the page shows does not match "n <first, at least 3>"\. Write it again with --check --write\.\n$/,
    );
  },
);

it('the page shows one value for one name in all of its step', () => {
  const blocks = (second: string): string =>
    [
      `${block('text', 'pid 1')}\n<!-- pattern: pid <pid> -->`,
      `${block('text', second)}\n<!-- pattern: pid <pid> -->`,
    ].join('\n\n');
  const stale = (second: string): string[] =>
    staleOutputs(parseWalkthrough('own.md', lesson(blocks(second))));
  assert.deepEqual(stale('pid 1'), []);
  assert.match(stale('pid 2').join(), /own\.md:17: .*"pid <pid>"/);
});

it('a run that fails leaves the file as it is', LIMIT, async () => {
  const text = lesson(`${block('text', 'n <first>')}\n\n${block('text', 'never')}`);
  const file = classroom.file(text);
  const { status } = await check(file, '--write');
  assert.equal(status, 1);
  assert.equal(readFileSync(file, 'utf8'), text);
});

it(
  'output that would end its block, and a pattern that would end its comment, are not put in',
  LIMIT,
  async () => {
    const blocks = [
      block('sh a', "echo '``` 1'; echo '1 --> 2'"),
      block('text', '... 1'),
      block('text', '<one> --> 2'),
    ];
    const text = `# Own\n\nA test.\n\n## In a\n\n${blocks.join('\n\n')}\n`;
    const file = classroom.file(text);
    assert.deepEqual(await check(file, '--write'), { status: 0, stderr: '' });
    assert.equal(readFileSync(file, 'utf8'), text);
  },
);

it('--write needs --check', LIMIT, async () => {
  const run = classroom.start(['1', '--write', '--yes']);
  const { status } = await run.ended;
  assert.equal(status, 2);
  assert.match(run.stderr, /--write needs --check/);
});
