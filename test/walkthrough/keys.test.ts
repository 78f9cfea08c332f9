// A student at a terminal: Enter, answers, s, r, p, l, q and Ctrl-C, and the progress that is kept. By script(1), which
// gives a pseudo-terminal.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, beforeEach, it } from 'node:test';
import { LIMIT } from '../support/limit.js';
import { missing } from '../support/tools.js';
import { Classroom, type Run } from '../support/walkthrough.js';

const OPTIONS = { ...LIMIT, skip: missing('script') };
const ENTER = '\r';
const classroom = new Classroom();
after(() => classroom.close());

const LESSON = classroom.file(`# A lesson

What it shows.

## First

In terminal one:

\`\`\`sh one
echo first output
\`\`\`

## Second

**Question.** Which?

- [ ] A. this
- [ ] B. that

In terminal one:

\`\`\`sh one stays
sleep 1000 & echo second output; cat
\`\`\`

\`\`\`text
second output
\`\`\`

<details><summary>Answer</summary>

**B.** That.

\`\`\`text
second <what>
\`\`\`

</details>

Press Ctrl-C in terminal one:

\`\`\`keys one
Ctrl-C
\`\`\`

## Third

Last words.
`);
const state = join(classroom.state, 'evented-demo', 'walkthroughs.json');
const progress = (): unknown => (JSON.parse(readFileSync(state, 'utf8')) as Record<string, unknown>)[LESSON];

beforeEach(() => {
  mkdirSync(join(classroom.state, 'evented-demo'), { recursive: true });
  writeFileSync(state, '{}');
});

const start = (...args: string[]): Run => classroom.startInTerminal([LESSON, ...args]);

async function throughFirst(run: Run, output = '│ first output'): Promise<void> {
  await run.until('(step 1 of 3)');
  await run.until('$ echo first output');
  await run.until('Enter runs it');
  run.press(ENTER);
  await run.until(output);
  await run.until('End of step 1.');
}

async function leave(run: Run): Promise<void> {
  run.press('q');
  await run.until('Stopped. ');
  assert.equal((await run.ended).status, 0);
  assert.match(run.stdout, /resumes at/);
  assert.deepEqual(classroom.processes(), []);
}

/** Up to the answer's end, with this answer. */
async function throughQuestion(run: Run, answer: string): Promise<void> {
  await run.until('(step 2 of 3)');
  await run.until('Your answer: A, B. s skip');
  run.press(answer);
  await run.until('$ sleep 1000 & echo second output; cat');
  await run.until('Enter runs it');
  run.press(ENTER);
  await run.until('│ second output');
  await run.until('Enter shows the answer');
  run.press(ENTER);
}

async function throughCtrlC(run: Run, key: string): Promise<void> {
  await run.until('Enter presses Ctrl-C. s skip');
  run.press(key);
  await run.until('End of step 2.');
}

it('shows each command before it runs, asks, and points at the evidence', OPTIONS, async () => {
  const run = start();
  await run.until('The program opens the terminal for you.');
  await throughFirst(run);
  run.press(ENTER);
  await run.until('A. this');
  await run.until('Your answer: A, B. s skip');
  assert.doesNotMatch(run.stdout, /│ second output/);
  run.press('xa'); // x is no letter of the question, and a is
  await run.until('Your answer: A');
  await run.until('$ sleep 1000 & echo second output; cat');
  await run.until('Enter runs it');
  run.press(ENTER);
  await run.until('│ second output');
  await run.until('Enter shows the answer');
  assert.doesNotMatch(run.stdout, /That\./);
  run.press(ENTER);
  await run.until('You said A. It is B. That.\r\n');
  await run.until('one printed this:\r\n> second output');
  await throughCtrlC(run, ENTER);
  run.press(ENTER);
  await run.until('Last words.');
  await run.until('The lesson is over. You did all 3 steps.');
  await run.until('Your predictions: 1 wrong.');
  await run.until('Enter ends. p back, l list, q quit, ? help');
  run.press(ENTER);
  assert.equal((await run.ended).status, 0);
  const predictions = { First: {}, Second: { 0: 'wrong' }, Third: {} };
  assert.deepEqual(progress(), {
    done: 3,
    of: 3,
    steps: Object.fromEntries(
      Object.entries(predictions).map(([heading, made]) => [heading, { outcome: 'done', predictions: made }]),
    ),
  });
  assert.deepEqual(classroom.processes(), []);
});

it('says a right answer once', OPTIONS, async () => {
  const run = start();
  await throughFirst(run);
  run.press(ENTER);
  await throughQuestion(run, 'b');
  await run.until('You said B, and that is right. That.\r\n');
  await throughCtrlC(run, '\x03'); // where the lesson presses Ctrl-C, the student may
  await leave(run);
});

it('Enter is no answer: it asks again, and n goes on without one', OPTIONS, async () => {
  const run = start();
  await throughFirst(run);
  run.press(ENTER);
  await run.until('Your answer: A, B. ');
  run.press(ENTER);
  await run.until('Press A, B, or n to go on without an answer');
  assert.doesNotMatch(run.stdout, /sleep 1000/);
  run.press('n');
  await run.until('No answer.');
  await run.until('Enter runs it');
  run.press(ENTER);
  await run.until('Enter shows the answer');
  run.press(ENTER);
  await run.until('B. That.');
  assert.doesNotMatch(run.all, /You said/);
  await leave(run);
});

it('p goes back a step, and ? says what the keys do', OPTIONS, async () => {
  const run = start();
  await throughFirst(run);
  run.press(ENTER);
  await run.until('(step 2 of 3)');
  await run.until('p back, l list');
  run.press('?');
  await run.until('p          go back to the step before');
  await run.until('Your answer: ');
  run.press('p');
  await throughFirst(run);
  await leave(run);
});

it('l lists the steps and jumps to one; the end says what was not done', OPTIONS, async () => {
  const run = start();
  await throughFirst(run);
  run.press(ENTER);
  await run.until('Your answer: ');
  for (const typed of ['7', '']) {
    run.press('l');
    await run.until('   1  done     First\r\n>  2           Second\r\n   3           Third');
    await run.until('Type the number of a step. ');
    await run.until('step # ');
    run.press(`${typed}${ENTER}`);
    if (typed !== '') await run.until('This lesson has no step "7". Its steps are 1 to 3.');
    await run.until('Your answer: ');
  }
  run.press('l');
  await run.until('step # ');
  run.press(`3${ENTER}`);
  await run.until('Last words.');
  await run.until('You did 2 of 3 steps.');
  await run.until('Not done: "Second".');
  await run.until('Your predictions: 1 not made.');
  await run.until('Enter ends. ');
  run.press('p');
  await run.until('(step 3 of 3)');
  await run.until('Enter ends. ');
  run.press('q');
  assert.equal((await run.ended).status, 0);
});

it('r repeats the step, its processes gone', OPTIONS, async () => {
  const run = start();
  await throughFirst(run);
  run.press('r');
  await run.until('Once more.');
  await throughFirst(run);
  await leave(run);
});

it('s skips the rest of the step, and its processes with it', OPTIONS, async () => {
  const run = start();
  await throughFirst(run);
  run.press(ENTER);
  await run.until('Your answer');
  run.press('a');
  await run.until('Enter runs it');
  run.press(ENTER);
  await run.until('Enter shows the answer');
  run.press('s');
  await run.until('Skipped.');
  await run.until('(step 3 of 3)');
  await run.until('You did 2 of 3 steps.');
  await run.until('Not done: "Second".');
  await run.until('Enter ends. ');
  run.press('q');
  assert.equal((await run.ended).status, 0);
  const { next, done } = progress() as { next?: string; done: number };
  assert.deepEqual([next, done], [undefined, 2]);
});

it('after one of the course, Enter starts the next lesson', OPTIONS, async () => {
  const key = 'the-four-numbers';
  writeFileSync(state, JSON.stringify({ [key]: { next: 'Exercises', done: 2, of: 3 } }));
  const run = classroom.startInTerminal([key, '--port', '0']);
  await run.until('server $ ');
  run.press(ENTER);
  await run.until('Enter starts the next lesson, two-sockets-one-port');
  run.press(ENTER);
  await run.until('(step 1 of ');
  run.press('q');
  await run.until('walkthrough two-sockets-one-port');
  assert.equal((await run.ended).status, 0);
});

it('goes on where one stopped, unless it is to restart', OPTIONS, async () => {
  const first = start();
  await throughFirst(first);
  first.press(ENTER);
  await first.until('(step 2 of 3)');
  await leave(first);
  const second = start();
  await second.until('Resuming at step 2 of 3');
  await second.until('(step 2 of 3)');
  await leave(second);
  const third = start('--restart');
  await throughFirst(third);
  await leave(third);
});

it('names the command that goes on, with the port that was chosen', OPTIONS, async () => {
  const run = start('--port', '18080');
  await run.until('Enter runs it');
  run.press('q');
  await run.until('Stopped. ');
  assert.equal((await run.ended).status, 0);
  const told = run.stdout.replaceAll(/\s+/g, '');
  assert.ok(told.startsWith(`\`${process.execPath}`), told);
  assert.ok(told.includes(`walkthrough${LESSON}--port18080\`resumesatthisstep.`), told);
});

it('forgets a step that is no longer in the text', OPTIONS, async () => {
  writeFileSync(state, JSON.stringify({ [LESSON]: { next: 'Gone', done: 1, of: 3 } }));
  const run = start();
  await throughFirst(run);
  await leave(run);
});

it('sets a broken progress file aside, says so, and goes on', OPTIONS, async () => {
  writeFileSync(state, '{');
  const run = start();
  await run.until(`It was moved to ${state}.broken`);
  await run.until('(step 1 of 3)');
  assert.equal(readFileSync(`${state}.broken`, 'utf8'), '{');
  await leave(run);
});

it('where progress cannot be saved, it says so at the beginning, and promises nothing', OPTIONS, async () => {
  const run = classroom.startInTerminal([LESSON], { XDG_STATE_HOME: '/proc/nope' });
  await run.until('Progress is not saved: /proc/nope/');
  await throughFirst(run);
  run.press('q');
  await run.until('Stopped. Progress is not saved: ');
  assert.equal((await run.ended).status, 0);
  assert.doesNotMatch(run.all, /resumes/);
});

it('Ctrl-C leaves at any moment, and the terminal is as it was', OPTIONS, async () => {
  for (const moment of ['Enter runs it', 'End of step 1.']) {
    const run = start();
    await run.until('Enter runs it');
    if (moment !== 'Enter runs it') {
      run.press(ENTER);
      await run.until(moment);
    }
    run.press('\x03');
    await run.until('Stopped. ');
    assert.equal((await run.ended).status, 0);
    assert.match(run.stdout, / icanon [\s\S]* echo /); // as stty(1) tells it afterwards
    assert.deepEqual(classroom.processes(), []);
  }
});

it('pauses before what has not been read would scroll away', OPTIONS, async () => {
  const paragraphs = Array.from({ length: 30 }, (_, index) => `Paragraph ${index}.\n\n`).join('');
  const path = classroom.file(
    `# Long\n\nA test.\n\n## In one\n\n${paragraphs}\`\`\`sh one\nseq 40\n\`\`\`\n\nAfter it.\n`,
    'turn.md',
  );
  const run = classroom.startInTerminal([path]);
  for (let pages = 0; ; pages++) {
    await run.until('Enter ');
    const page = run.passed.split('\r\n');
    assert.ok(page.length <= 24, run.passed);
    if (run.passed.includes('$ seq 40')) {
      assert.equal(pages, 3);
      break;
    }
    run.press(ENTER);
  }
  run.press(ENTER);
  await run.until('Enter shows more, a shows all');
  assert.doesNotMatch(run.passed, /│ 40/);
  run.press('a');
  await run.until('│ 40');
  await run.until('Enter goes on');
  assert.doesNotMatch(run.passed, /After it/);
  run.press(ENTER);
  await run.until('After it.');
  await run.until('Enter ends. ');
  run.press('q');
  assert.equal((await run.ended).status, 0);
});

it('on a terminal that can erase nothing, it sends no sequence', OPTIONS, async () => {
  const run = classroom.startInTerminal([LESSON], { TERM: 'dumb' });
  await throughFirst(run, 'one | first output');
  await leave(run);
  assert.ok(!run.all.includes('\x1b['));
});

it('without a terminal it says what to do, with status 2', async () => {
  const run = classroom.start([LESSON]);
  assert.equal((await run.ended).status, 2);
  assert.match(run.stderr, /^evented-demo: Standard input is not a terminal, .* Use --yes .*\n$/);
});

it('--yes asks nothing, keeps no progress, and ends with status 0', async () => {
  const run = classroom.start([LESSON, '--yes']);
  assert.equal((await run.ended).status, 0);
  assert.match(run.stdout, /one \| second output[\s\S]*one > second output/);
  assert.doesNotMatch(run.stdout, /Enter runs|You said/);
  assert.equal(readFileSync(state, 'utf8'), '{}');
});

it('a long choice is cut where the other lines are', async () => {
  const path = classroom.file(
    `# A lesson

What it asks.

## Only

**Question.** Which?

- [ ] A. ${'this '.repeat(50)}
- [ ] B. that

In terminal one:

\`\`\`sh one
true
\`\`\`

<details><summary>Answer</summary>

**B.** That.

</details>
`,
    'long.md',
  );
  const run = classroom.start([path, '--yes']);
  assert.equal((await run.ended).status, 0, run.stderr);
  const lines = run.stdout.split('\n').filter((line) => line.includes('this this'));
  assert.deepEqual(
    lines.map((line) => line.length),
    [94, 99, 69],
  );
});

it('--yes goes on after what is not as expected, and ends with status 1', async () => {
  const path = classroom.file(
    readFileSync(LESSON, 'utf8').replace('second output\n```\n\n<', 'another\n```\n\n<'),
    'other.md',
  );
  const run = classroom.start([path, '--yes']);
  assert.equal((await run.ended).status, 1);
  assert.match(run.stdout, /other\.md:27: Terminal one never printed "another"/);
  assert.match(run.stdout, /Last words\./);
});

it('lists the walkthroughs in order, with what is done of each', async () => {
  writeFileSync(
    state,
    JSON.stringify({
      'one-at-a-time': { next: 'x', done: 1, of: 4 },
      'the-four-numbers': { done: 4, of: 4 },
    }),
  );
  const run = classroom.start([]);
  assert.equal((await run.ended).status, 0);
  assert.match(
    run.stdout,
    /^01 {2}the-four-numbers +10 min, done\n {4}The four numbers\n {4}Four numbers name a connection/,
  );
  assert.match(run.stdout, /\n05 {2}one-at-a-time +10 min, 1 of 4 steps done\n/);
  assert.ok(run.stdout.split('\n').every((line) => line.length <= 100));
});

/** As in a container that runs under a number. */
const NOBODY = ['unshare', '--user', '--map-user=54321'];
const canBeNobody = spawnSync(NOBODY[0]!, [...NOBODY.slice(1), 'true']).status === 0;

it('without a home it says so once, and lists the walkthroughs', { skip: !canBeNobody }, async () => {
  for (const home of [undefined, '']) {
    const run = classroom.start([], { XDG_STATE_HOME: '', HOME: home }, NOBODY);
    assert.equal((await run.ended).status, 0, run.stderr);
    assert.match(run.stderr, /^evented-demo: Progress is not saved: there is no home folder\. Set .+\n$/);
    assert.match(run.stdout, /^01 {2}the-four-numbers/);
  }
});
