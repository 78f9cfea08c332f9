// What is wrong with a walkthrough is told before anything is run, each with its line.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { WalkthroughError } from '../../src/walkthrough/format.js';
import { parseWalkthrough } from '../../src/walkthrough/parse.js';
import { withPort } from '../../src/walkthrough/port.js';
import { cutCommands } from '../../src/walkthrough/shell-syntax.js';

const FENCE = '```';
const fenced = (info: string, ...lines: string[]): string => [FENCE + info, ...lines, FENCE, ''].join('\n');

/** A title, a paragraph, and one step in terminals a and b: its first line is line 7. */
const step = (...parts: string[]): string =>
  `${['# Title', '', 'What it is.', '', '## In a and b', '', ...parts].join('\n')}\n`;

const QUESTION = '**Question.** Which?\n\n- [ ] A. one\n- [ ] B. two\n';
const ANSWER = '<details><summary>Answer</summary>\n\n**B.** It is.\n\n</details>\n';

const WRONG: Record<string, [text: string, line: number, sentence: RegExp]> = {
  'an empty file': ['', 1, /There is no title/],
  'a comment that does not end': ['<!-- x\n\n# T\n\nText.\n', 1, /A comment begins here/],
  'text for the page that does not end': [
    step('<!-- page -->', '', 'Text.', '', fenced('text', 'x')),
    7,
    /From here on all text is only for the page\. Add <!-- \/page -->/,
  ],
  'a command that only the page shows': [
    step('<!-- page -->', '', fenced('sh a', 'true'), '<!-- /page -->', '', fenced('sh a', 'true')),
    9,
    /This block is only for the page, so it is never run/,
  ],
  'text between front matter and title': ['---\na: b\n---\nText.\n', 4, /There is text before the title/],
  'a control character in front matter': ['---\na: b\n---\n# T\n\n\x07\n', 6, /u0007/],
  'no title': ['Text.\n\n## A\n', 1, /There is text before the title/],
  'a command that would be hidden': [
    step(fenced('sh a', 'rm -rf ~\x1b[2K\rtrue')),
    8,
    /has a control character, \\u001b, which a terminal would obey/,
  ],
  'a heading that would name the window': [
    step(fenced('sh a', 'true'), '## More\x1b]0;title\x07'),
    11,
    /\\u001b/,
  ],
  'a command written from right to left': [step(fenced('sh a', 'echo \u202eabc')), 8, /\\u202e/],
  'two titles': [step('# Again', '', fenced('sh a', 'true')), 7, /"# Again" is a second title/],
  'no paragraph': [`# T\n\n## On a\n\n${fenced('sh a', 'true')}`, 1, /There is no paragraph after the title/],
  'no step': ['# T\n\nText.\n', 4, /No step has a command/],
  'commands before the first step': [
    `# T\n\nOn a.\n\n${fenced('sh a', 'true')}`,
    5,
    /This sh block stands before the first step/,
  ],
  'two steps of one name': [
    `${step(fenced('sh a', 'true'))}\n## In a and b\n\n${fenced('sh a', 'true')}`,
    12,
    /Two steps are named "In a and b"/,
  ],
  'no terminal': [step(fenced('sh', 'true')), 7, /Write the name after "sh"/],
  'an unknown option': [step(fenced('sh a stay', 'true')), 7, /Unknown word "stay".*Write stays, exit=N/],
  'an option of another language': [step(fenced('sh a any-order', 'true')), 7, /Unknown word "any-order"/],
  'a status that is none': [step(fenced('sh a exit=256', 'true')), 7, /Unknown word "exit=256"/],
  'no command': [step(fenced('sh a', '')), 7, /The block has no command/],
  'a terminal that the text does not name': [step(fenced('sh c', 'true')), 7, /name its terminal, c/],
  'an unclosed fence': [step(fenced('sh a', 'true'), `${FENCE}text`, 'x', '', 'y'), 11, /not closed/],
  'a block in a list': [
    step(`- item\n\n  ${FENCE}sh a\n  true\n  ${FENCE}\n`, fenced('sh a', 'true')),
    7,
    /a list/,
  ],
  'an expectation without a command': [step(fenced('text', 'x')), 7, /No command stands before this/],
  'an expectation in an unused terminal': [
    step(fenced('sh a', 'true'), 'b:\n', fenced('text b', 'x')),
    13,
    /No command has run in terminal b yet/,
  ],
  'an empty expectation': [step(fenced('sh a', 'true'), fenced('text', '...')), 11, /no line to look for/],
  'a condition that is none': [
    step(fenced('sh a', 'true'), fenced('text', 'x', '<n, about 3>')),
    13,
    /"about 3"/,
  ],
  'a comparison with nothing': [
    step(fenced('sh a', 'true'), fenced('text', '<n, not m>')),
    12,
    /<m> is compared with, but/,
  ],
  'keys for nobody': [step(fenced('keys a', 'Ctrl-C')), 7, /No command stays in terminal a/],
  'keys after Ctrl-C': [
    step(fenced('sh a stays', 'cat'), fenced('keys a', 'Ctrl-C', 'x')),
    11,
    /"x" stands after Ctrl-C/,
  ],
  'a busy terminal': [
    step(fenced('sh a stays', 'cat'), fenced('sh a', 'true'), fenced('keys a', 'Ctrl-C')),
    11,
    /The command of line 8 still runs in terminal a/,
  ],
  'a command that outlives its step': [
    step(fenced('sh a stays', 'cat')),
    8,
    /still runs in terminal a when its step ends in line/,
  ],
  'a status of what does not stay': [
    step(fenced('sh a', 'true'), fenced('text exit=0', 'x')),
    11,
    /No command stays in terminal a, so exit=0/,
  ],
  'stays and a status': [
    step(fenced('sh a stays exit=1', 'cat'), fenced('keys a', 'Ctrl-C')),
    7,
    /"stays" and "exit=1" exclude each other/,
  ],
  'a server without a port': [step(fenced('sh a', 'evented-demo serve')), 7, /serve has no --port/],
  'a question without choices': [
    step('**Question.** Why?\n', 'Text.\n', ANSWER),
    9,
    /The question has no choices/,
  ],
  'a choice without a letter': [
    step('**Question.** Why?\n\n- [ ] A. x\n- [ ] y\n', ANSWER, fenced('sh a', 'true')),
    9,
    /Choice 2 must be "- \[ \] B\. \.\.\."/,
  ],
  'a choice that is ticked': [
    step('**Question.** Why?\n\n- [ ] A. x\n- [x] B. y\n', ANSWER, fenced('sh a', 'true')),
    9,
    /Choice 2 must be .*, not "- \[x\] B/,
  ],
  'a question without an answer': [step(QUESTION, fenced('sh a', 'true')), 7, /This question has no answer/],
  'two questions, one answer': [
    step(QUESTION, QUESTION, ANSWER, fenced('sh a', 'true')),
    12,
    /The question of line 7 has no answer yet/,
  ],
  'an answer without a question': [step(ANSWER, fenced('sh a', 'true')), 7, /This answer has no question/],
  'an answer without its letter': [
    step(QUESTION, ANSWER.replace('**B.**', 'Well,'), fenced('sh a', 'true')),
    14,
    /Begin it with the right letter/,
  ],
  'a letter that is no choice': [
    step(QUESTION, ANSWER.replace('**B', '**C'), fenced('sh a', 'true')),
    14,
    /\*\*B\.\*\*/,
  ],
  'an answer that does not end': [
    step(QUESTION, ANSWER.replace('</details>', ''), fenced('sh a', 'true')),
    12,
    /Add <\/details>/,
  ],
  'commands in an answer': [
    step(QUESTION, ANSWER.replace('It is.', `It is, on a.\n\n${fenced('sh a', 'true')}`)),
    16,
    /This answer has commands/,
  ],
  'a pattern that is beside no output': [
    step(fenced('sh a', 'true'), '<!-- pattern: x -->\n', fenced('text', 'x')),
    11,
    /This pattern does not stand right after a text block/,
  ],
  'a condition in a comment': [
    step(fenced('sh a', 'true'), fenced('text', 'x'), '<!-- pattern:\nx\n<n, not m>\n-->'),
    17,
    /<m> is compared with, but/,
  ],
  'other HTML': [step('<table>\n</table>\n', fenced('sh a', 'true')), 7, /Unexpected HTML "<table>"/],
};

for (const [what, [text, line, sentence]] of Object.entries(WRONG)) {
  it(`tells the line of ${what}`, () => {
    assert.throws(
      () => parseWalkthrough('own.md', text),
      (error: unknown) => {
        assert.ok(error instanceof WalkthroughError, String(error));
        const told = error.sentences.find((each) => sentence.test(each));
        assert.ok(told, error.message);
        assert.equal(told.split(' ')[0], `own.md:${line}:`);
        assert.match(told, /\.$/);
        return true;
      },
    );
  });
}

it('reads a whole walkthrough', () => {
  const read = parseWalkthrough(
    'own.md',
    step(
      QUESTION,
      fenced('sh a exit=3 within=5 needs=ss', 'exit 3'),
      fenced('text', '<n> x'),
      'Look at b.\n',
      ANSWER,
    ).replace('What it is.', 'What *it* is, in `a`.\n\nIt takes 7 minutes.'),
  );
  assert.deepEqual([read.title, read.summary, read.minutes], ['Title', 'What it is, in a.', 7]);
  assert.deepEqual(
    read.steps[0]!.items.map((item) => item.kind),
    ['question', 'commands', 'expectation', 'prose', 'answer'],
  );
  const [, commands] = read.steps[0]!.items;
  assert.deepEqual(commands, {
    kind: 'commands',
    line: 15,
    terminal: 'a',
    within: 5,
    needs: ['ss'],
    text: 'exit 3',
    commands: [],
    exit: 3,
    stays: false,
  });
});

it('runs nothing of the exercises', () => {
  const read = parseWalkthrough(
    'own.md',
    `${step(fenced('sh a', 'true'))}\n## Exercises\n\n${fenced('sh', 'rm x')}`,
  );
  assert.deepEqual(
    read.steps[1]!.items.map((item) => item.kind),
    ['prose'],
  );
});

it('gives bash one command at a time, each as soon as it is whole', () => {
  const cut = cutCommands(
    "# first\necho 1\n\nfor i in 1 2; do\n  echo $i\ndone\necho a \\\n  b\ncat <<X\nx\nX\necho 'a\nb'",
  );
  assert.deepEqual(cut, [
    { line: 0, text: '# first\necho 1' },
    { line: 3, text: 'for i in 1 2; do\n  echo $i\ndone' },
    { line: 6, text: 'echo a \\\n  b' },
    { line: 8, text: 'cat <<X\nx\nX' },
    { line: 11, text: "echo 'a\nb'" },
  ]);
});

it('cuts at the same places however the quotes, here-documents and comments lie', () => {
  const cut = (text: string): string[] => cutCommands(text).map((each) => each.text);
  const blocks = [
    ["cat <<A; echo 'x\nA\ny'\nz\nA", 'true'],
    ['cat <<-A <<"B C"\n\tx\n\tA\ny\nB C', '# a\n\n# b\ntrue'],
    ['cat <<\'E\' | tr a "b\nc"\n"\nE', 'true # the end'],
    ['echo "$(cat <<E\n"\nE\n)"', 'true'],
    ['true', 'echo a\\'],
  ];
  for (const commands of blocks) assert.deepEqual(cut(commands.join('\n')), commands);
  assert.deepEqual(cut('true\n# the end'), ['true\n# the end']);
  assert.throws(() => cut('true\ncat <<E\nx'), /here-document/);
  assert.throws(() => cut("true\necho 'x\ntrue"), /unexpected EOF/);
  assert.throws(() => cut(`echo )\n${'# x\n'.repeat(2 ** 16)}`), /near unexpected token/);
});

it('moves the ports, and only as whole words', () => {
  assert.equal(withPort('8080 :8081/ 18080 80801 8089', 9000), '9000 :9001/ 18080 80801 9009');
});

it('some text is only for the page, some only for the program, and neither counts lines wrongly', () => {
  const { steps } = parseWalkthrough(
    'f.md',
    step(
      '<!-- page -->',
      '',
      'Open a terminal.',
      '',
      '<!-- /page -->',
      '',
      '<!-- program:',
      'Press *Enter*.',
      '-->',
      '',
      '<!-- a word between authors -->',
      '',
      fenced('sh a', 'true'),
    ),
  );
  const [prose, commands, ...rest] = steps[0]!.items;
  assert.equal(prose?.kind === 'prose' && prose.token.raw.trim(), 'Press *Enter*.');
  assert.deepEqual([commands?.kind, commands?.line, rest], ['commands', 20, []]);
});
