// `walkthrough --type`: the student types the commands, and what counts is what they print. By script(1), which gives a
// pseudo-terminal.

import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { outline } from '../../src/walkthrough/hints.js';
import { LIMIT } from '../support/limit.js';
import { missing } from '../support/tools.js';
import { Classroom, type Run } from '../support/walkthrough.js';

const OPTIONS = { ...LIMIT, skip: missing('script') };
const ENTER = '\r';
const classroom = new Classroom();
after(() => classroom.close());

/** The counter counts from 1 in each life: a second try finds the terminals as they were. */
const LESSON = classroom.file(`# A lesson

What it shows.

## Count

In terminal counter:

\`\`\`sh counter stays
mkfifo hits; echo ready; while read -r who; do echo "hit $((++n)) by $who"; done <>hits & cat
\`\`\`

\`\`\`text
ready
\`\`\`

In terminal client:

\`\`\`sh client
echo me >hits && echo sent
\`\`\`

\`\`\`text
sent
\`\`\`

Terminal counter has counted:

\`\`\`text counter
hit 1 by <who>
\`\`\`

**Question.** Who?

- [ ] A. me
- [ ] B. you

Ask in terminal client:

\`\`\`sh client
whoami --help | head -1
\`\`\`

<details><summary>Answer</summary>

**A.** Terminal client said:

\`\`\`text client
Usage: <program>...
\`\`\`

</details>

Press Ctrl-C in terminal counter:

\`\`\`keys counter
Ctrl-C
\`\`\`

## Exercises

1. Try more.
`);

const type = (run: Run, line: string): void => run.press(line + ENTER);

async function toClient(run: Run): Promise<void> {
  await run.until('counter $ ');
  run.press(ENTER); // the lesson's own
  await run.until('│ ready');
  await run.until('client $ ');
}

async function leave(run: Run): Promise<void> {
  type(run, 'q');
  await run.until('Stopped. ');
  assert.equal((await run.ended).status, 0);
  assert.match(run.stdout, /--type/); // how to resume
  assert.deepEqual(classroom.processes(), []);
}

it(
  'another spelling that does the same is right, and so is what runs in the background',
  OPTIONS,
  async () => {
    const run = classroom.startInTerminal([LESSON, '--type']);
    await toClient(run);
    assert.doesNotMatch(run.all, /echo me/);
    type(run, '(printf "%s\\n" you >hits; sleep 1000) & echo sent');
    await run.until('Terminal counter has counted:');
    await run.until('│ hit 1 by you'); // below the text about it, and once
    await run.until('Your answer, then Enter: ');
    assert.doesNotMatch(run.all, /counter printed this/);
    type(run, 'a');
    await run.until('client $ ');
    type(run, 'echo Usage: mine');
    await run.until('Enter shows the answer');
    run.press(ENTER);
    await run.until('You said A, and that is right.');
    await run.until('Enter presses Ctrl-C. s, r, p, l, q, then Enter.');
    run.press('\x03');
    await run.until('End of step 1.');
    run.press(ENTER);
    await run.until('counter $ ');
    await leave(run);
  },
);

it('a command that fails and leaves no mark is asked for again at once', OPTIONS, async () => {
  const run = classroom.startInTerminal([LESSON, '--type', '--restart']);
  await toClient(run);
  type(run, 'no-such-program');
  await run.until('`no-such-program` in terminal client ended with status 127, not 0. Try');
  await run.until('client $ ');
  assert.doesNotMatch(run.all, /start again/);
  type(run, 'echo me >hits && echo sent');
  await run.until('│ hit 1 by me');
  await run.until('Your answer, then Enter: ');
  type(run, 'q');
  assert.equal((await run.ended).status, 0);
});

it(
  'after a command that shows another thing, the terminals are as before for the next try',
  OPTIONS,
  async () => {
    const run = classroom.startInTerminal([LESSON, '--type', '--restart']);
    await toClient(run);
    type(run, 'echo one >hits; echo two >hits; echo lost');
    await run.until('│ lost');
    await run.until('Terminal client never printed "sent". Try another command.');
    await run.until('The terminals start again, as they were before this command.');
    await run.until('client $ ');
    type(run, 'echo three >hits; echo sent');
    await run.until('│ hit 1 by three');
    await run.until('Your answer, then Enter: ');
    type(run, 'q');
    assert.equal((await run.ended).status, 0);
  },
);

it('what takes too long can be ended, and asked for again', OPTIONS, async () => {
  const run = classroom.startInTerminal([LESSON, '--type', '--restart']);
  await toClient(run);
  type(run, 'sleep 1000');
  await run.until('This takes a while. Enter ends the wait');
  run.press(ENTER);
  await run.until('`sleep 1000` in terminal client did not end so far. Try another command.');
  await run.until('client $ ');
  await leave(run);
});

it('a command that is typed at a pause, one key after the other, skips nothing', OPTIONS, async () => {
  const run = classroom.startInTerminal([LESSON, '--type', '--restart']);
  await toClient(run);
  type(run, 'echo me >hits && echo sent');
  await run.until('Your answer, then Enter: ');
  type(run, 'n');
  await run.until('client $ ');
  run.press(ENTER); // the lesson's own
  await run.until('Enter shows the answer');
  for (const key of 'skip') run.press(key);
  await run.until('then Enter. ? help skip');
  run.press(ENTER);
  await run.until('Enter presses Ctrl-C. s, r, p, l, q, then Enter. ? help skip');
  run.press('\x03');
  await run.until('End of step 1. Enter goes on. s, r, p, l, q, then Enter. ? help');
  for (const key of 'skip') run.press(key);
  await run.until('? help skip');
  run.press(ENTER);
  await run.until('counter $ skip');
  run.press('\x15'); // Ctrl-U erases it
  await leave(run);
});

it('? gives a hint, and then the command', OPTIONS, async () => {
  const run = classroom.startInTerminal([LESSON, '--type', '--restart']);
  await toClient(run);
  run.press('?');
  await run.until('Hint: echo me ... && echo sent');
  await run.until('client $ ');
  run.press('?');
  await run.until('echo me >hits && echo sent');
  await run.until('client $ ');
  type(run, 'r');
  await run.until('Once more.');
  await run.until('counter $ ');
  await leave(run);
});

it('in the exercises any command runs, in any terminal, and Ctrl-C ends what stays', OPTIONS, async () => {
  const run = classroom.startInTerminal([LESSON, '--restart']);
  await run.until('Enter runs it');
  run.press('l');
  await run.until('step # ');
  type(run, '2');
  await run.until('Try it here: type a command.');
  await run.until('counter $ ');
  type(run, 'echo begun; cat');
  await run.until('│ begun');
  await run.until('counter < ');
  type(run, 'read by cat');
  await run.until('│ read by cat');
  type(run, 'another: echo $((40 + 2))');
  await run.until('│ 42');
  await run.until('another $ ');
  type(run, 'client:');
  await run.until('client $ ');
  run.press('\x1b[A'); // the latest of the lesson's own
  await run.until('whoami --help | head -1');
  run.press(ENTER);
  await run.until('│ Usage: ');
  await run.until('client $ ');
  type(run, 'counter:');
  await run.until('counter < ');
  run.press('\x03');
  await run.until('counter $ ');
  run.press(ENTER);
  await run.until('The lesson is over.');
  await run.until('Enter ends. ');
  run.press(ENTER);
  assert.equal((await run.ended).status, 0);
  assert.deepEqual(classroom.processes(), []);
});

it('--type is refused with --yes and with --check, in one sentence', async () => {
  for (const other of ['--yes', '--check']) {
    const run = classroom.start([LESSON, '--type', other]);
    assert.equal((await run.ended).status, 2);
    assert.match(
      run.stderr,
      new RegExp(`^evented-demo: Option '--type' cannot be used with option '${other}'\\. .*\\.\n$`),
    );
  }
});

it('a hint keeps programs, subcommands, flags and numbers', () => {
  for (const [command, hint] of [
    ['evented-demo serve --mode iterative --port 8080', 'evented-demo serve --mode ... --port 8080'],
    ['curl -v --max-time 1 http://127.0.0.1:8080/', 'curl -v --max-time 1 ...'],
    ['exec 3<>/dev/tcp/127.0.0.1/8080', 'exec ...'],
    ['ss -tnpH | grep 8080 && echo done', 'ss -tnpH | grep 8080 && echo done'],
  ])
    assert.equal(outline(command!), hint);
});
