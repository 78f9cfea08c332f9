// `walkthrough --check`: the example of the format holds, and a broken walkthrough is told. The course's own are checked
// by test/docs/course.test.ts.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { after, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LIMIT } from '../support/limit.js';
import { smallServer } from '../support/small-server.js';
import { Classroom } from '../support/walkthrough.js';

const FOLDER = fileURLToPath(new URL('../../../docs/walkthroughs/', import.meta.url));
const FENCE = '```';
const fenced = (info: string, ...lines: string[]): string => [FENCE + info, ...lines, FENCE, ''].join('\n');
/** What a step holds after its heading. */
const step = (...parts: string[]): string => `${parts.join('\n')}\n`;
/** The first block's first line is line 8. */
const own = (...parts: string[]): string =>
  `${['# Own', '', 'A test.', '', '## In a and b', '', ...parts].join('\n')}\n`;

const classroom = new Classroom();
after(() => classroom.close());

async function check(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const run = classroom.start([...args, '--check'], env);
  const { status } = await run.ended;
  assert.deepEqual(classroom.processes(), []);
  assert.deepEqual(classroom.folders(), []);
  return { status, stdout: run.stdout, stderr: run.stderr };
}

it('the example in the documentation of the format holds', LIMIT, async () => {
  const [, example] = /^````markdown\n([\s\S]*?)^````$/m.exec(
    readFileSync(join(FOLDER, 'README.md'), 'utf8'),
  )!;
  const { status, stderr } = await check([classroom.file(example!), '--port=0']);
  assert.deepEqual([status, stderr], [0, '']);
});

/** Of 100 rows there is none, and to know it takes longer than anybody waits. */
const HOPELESS = ['<a>', '<b, not a>', '<c, not a, not b>', '<d, not a>', '<e, more than a, less than a>'];

/** Steps of one walkthrough: what is in it after its heading, the line there, and what is said of it. */
const BROKEN: Record<string, [step: string, line: number, sentence: RegExp]> = {
  'a line that never comes': [
    step(fenced('sh a', 'echo yes'), fenced('text', 'no')),
    6,
    /Terminal a never printed "no"\. Its last line is "yes"\. Check the output, or fix the lesson\.$/m,
  ],
  'another line in between': [
    step(fenced('sh a', 'echo 1; echo 2; echo 3'), fenced('text', '1', '3')),
    7,
    /Terminal a printed "2" as the next line, not "3"\./,
  ],
  'a line that never comes from what stays': [
    step(fenced('sh a stays', 'sleep 1000'), fenced('text within=1', 'no'), fenced('keys a', 'Ctrl-C')),
    6,
    /Terminal a never printed "no" within 1 s\. It printed nothing\./,
  ],
  'lines that are looked for longer than they may take': [
    step(fenced('sh a', 'seq 100'), fenced('text any-order within=1', ...HOPELESS)),
    10,
    /Terminal a never printed "<e, more than a, less than a>" within 1 s\./,
  ],
  'a number that is another': [
    step(fenced('sh a', 'echo port 1; echo port 2'), fenced('text', 'port <p>', 'port <p>')),
    7,
    /Terminal a printed "port 2" as the next line, not "port <p>"\./,
  ],
  'evidence that is not there': [
    step(
      '**Question.** Which?\n\n- [ ] A. x\n- [ ] B. y\n',
      fenced('sh a', 'echo yes'),
      `<details><summary>Answer</summary>\n\n**A.** So it is:\n\n${fenced('text', 'no')}\n</details>\n`,
    ),
    15,
    /Terminal a never printed "no"\./,
  ],
  'a command that fails': [
    step(fenced('sh a', 'echo before', 'false', 'echo after')),
    3,
    /`false` in terminal a ended with status 1, not 0\. Its last line is "before"\./,
  ],
  'a command that does not fail as it should': [
    step(fenced('sh a exit=28', 'true')),
    2,
    /`true` in terminal a ended with status 0, not 28\./,
  ],
  'a command that never ends': [
    step(fenced('sh a within=1', 'sleep 1000')),
    2,
    /`sleep 1000` in terminal a did not end within 1 s\./,
  ],
  'a command that prints without an end': [
    step(fenced('sh a', 'yes')),
    2,
    /`yes` in terminal a does not stop printing\./,
  ],
  'a command that should stay and does not': [
    step(fenced('sh a stays', 'echo short'), fenced('text', 'short'), fenced('keys a', 'Ctrl-C')),
    10,
    /The command in terminal a has ended, and these keys reach no program\./,
  ],
  'a command that Ctrl-C does not end': [
    step(
      fenced('sh a stays', `bash -c "trap '' INT; echo on; sleep 1000"`),
      fenced('text', 'on'),
      fenced('keys a within=1', 'Ctrl-C'),
    ),
    10,
    /Ctrl-C did not end `bash -c .*` within 1 s\./,
  ],
  'what stays, and ends with another status': [
    step(
      fenced('sh a stays', 'read -r x; echo "got $x"; exit 4'),
      fenced('keys a', 'it'),
      fenced('text exit=5', 'got it'),
    ),
    10,
    /ended with status 4, not 5/,
  ],
  'a shell that is left': [step(fenced('sh a', 'exit 3')), 2, /ended with status 3, not 0/],
};

it('tells what is broken in each step, and goes on with the next', LIMIT, async () => {
  let text = '# Own\n\nA test.\n';
  const told = Object.entries(BROKEN).map(([what, [blocks, line, sentence]]) => {
    text += `\n## In a: ${what}\n\n`;
    const at = text.split('\n').length - 1 + line;
    text += blocks;
    return { what, at, sentence };
  });
  const path = classroom.file(text);
  const { status, stdout, stderr } = await check([path]);
  assert.equal(status, 1);
  const sentences = stderr.trimEnd().split('\n');
  assert.equal(sentences.length, told.length, stderr);
  assert.equal(stdout.match(/^FAILED /gm)?.length, told.length, stdout);
  for (const [index, { what, at, sentence }] of told.entries()) {
    assert.ok(sentences[index]!.startsWith(`evented-demo: ${path}:${at}: `), `${what}: ${sentences[index]}`);
    assert.match(sentences[index]!, sentence, what);
  }
});

/** What is told before anything runs. */
const MALFORMED: Record<string, [text: string, line: number, sentence: RegExp]> = {
  'a command that bash cannot read': [
    own(fenced('sh a', 'true', 'echo )')),
    9,
    /bash cannot read this command: syntax error near unexpected token `\)'\.$/m,
  ],
  'a malformed file': [own(fenced('sh a stay', 'true')), 7, /Unknown word "stay"/],
};

for (const [what, [text, line, sentence]] of Object.entries(MALFORMED)) {
  it(`tells ${what}, with status 1`, LIMIT, async () => {
    const path = classroom.file(text);
    const { status, stderr } = await check([path]);
    assert.equal(status, 1);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.ok(stderr.startsWith(`evented-demo: ${path}:${line}: `), stderr);
    assert.match(stderr, sentence);
  });
}

it('tells who has the port, and leaves them alone', LIMIT, async () => {
  const { port, close } = await smallServer();
  const base = port - 3; // 8083 is moved to the server's port
  const path = classroom.file(own(fenced('sh a', 'true'), fenced('sh a', 'evented-demo serve --port 8083')));
  const { status, stderr } = await check([path, '--port', String(base)]);
  await close();
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`own\\.md:12: Port ${port} is taken by .+ \\(pid ${process.pid}\\)\\.`));
});

/** Steps that hold, of one walkthrough. */
const HOLDS: Record<string, string> = {
  'in a shell variables stay, and descriptors too': step(
    fenced('sh a', 'X=1', 'exec 3< /dev/null', 'cd /'),
    fenced('sh a', 'echo "$X $PWD" $(readlink /dev/fd/3)'),
    fenced('text', '1 / /dev/null'),
  ),
  'each step has a fresh shell': step(fenced('sh a', 'echo "x$X"'), fenced('text', 'x')),
  'what is typed reaches the program, and Ctrl-C ends what is in the foreground only': step(
    fenced('sh a', 'sleep 1000 & P=$!'),
    fenced('sh a stays', 'cat'),
    fenced('keys a', 'one', 'two'),
    fenced('text', 'one', 'two'),
    fenced('keys a', 'Ctrl-C'),
    fenced('sh a', 'kill -0 $P && echo alive'),
    fenced('text', 'alive'),
  ),
  'Ctrl-C leaves alone what the same command has put into the background': step(
    fenced('sh a stays', 'sleep 1000 & P=$!; sleep 1000 & Q=$!; echo begun; cat'),
    fenced('text', 'begun'),
    fenced('keys a', 'Ctrl-C'),
    fenced('sh a', 'kill -0 $P && kill -0 $Q && echo alive'),
    fenced('text', 'alive'),
  ),
  'Ctrl-C ends a wait': step(
    fenced('sh a stays', 'sleep 1000 & sleep 1000 & echo begun; wait'),
    fenced('text', 'begun'),
    fenced('keys a', 'Ctrl-C'),
  ),
  'Ctrl-C reaches a program that begins a moment after it, when a job in the background is there already':
    step(
      fenced('sh a stays', 'sleep 1000 & echo begun; for ((i = 0; i < 500000; i++)); do :; done; cat'),
      fenced('text', 'begun'),
      fenced('keys a within=60', 'Ctrl-C'),
    ),
  'what stays is waited for until it ends by itself': step(
    fenced('sh a stays', 'read -r x; echo "got $x"; exit 4'),
    fenced('keys a', 'it'),
    fenced('text exit=4', 'got it'),
  ),
};

it('finds that steps hold', LIMIT, async () => {
  const steps = Object.entries(HOLDS).map(([what, blocks]) => `\n## In a: ${what}\n\n${blocks}`);
  const { status, stderr } = await check([classroom.file(`# Own\n\nA test.\n${steps.join('')}`)]);
  assert.deepEqual([status, stderr], [0, '']);
});

it('skips what needs a tool that is missing, with a word, but never in CI', LIMIT, async () => {
  const path = classroom.file(
    own(
      fenced('sh a needs=no-such-tool', 'no-such-tool'),
      fenced('text', 'never'),
      fenced('sh a', 'echo on'),
      fenced('text', 'on'),
    ),
  );
  const here = await check([path], { CI: '' });
  assert.deepEqual([here.status, here.stderr], [0, '']);
  assert.match(here.stdout, /Skipped: no-such-tool is not installed\./);
  const inCi = await check([path], { CI: 'true' });
  assert.equal(inCi.status, 1);
  assert.match(inCi.stderr, /:8: no-such-tool is not installed, and CI must have all tools/);
});

it('points at lines again only where text has come after them', LIMIT, async () => {
  const go = join(classroom.folder, 'go');
  const path = classroom.file(
    own(
      fenced(
        'sh a stays',
        String.raw`cat <<<$'one\ntwo'; until [ -e ${go} ]; do sleep 0.01; done; echo three`,
      ),
      fenced('text', 'one'),
      'Terminal a said more:',
      '',
      fenced('text', 'two'),
      'It will go on.',
      '',
      fenced('text exit=0', 'three'),
    ),
  );
  const run = classroom.start([path, '--yes']);
  await run.until('a > two');
  await run.until('It will go on.');
  writeFileSync(go, '');
  assert.equal((await run.ended).status, 0);
  assert.match(run.stdout, /^a \| three$/m);
  assert.doesNotMatch(run.stdout, /^a > /m);
});

it('compares without colours, and makes control characters harmless', LIMIT, async () => {
  const path = classroom.file(
    own(
      fenced('sh a', String.raw`printf '\033[31mred\033[0m\033[2J\a\r\n\ttab\n'`),
      fenced('text', String.raw`red\u001b[2J\u0007`, 'tab'),
    ),
  );
  assert.equal((await check([path])).status, 0);
  const run = classroom.start([path, '--yes'], { NO_COLOR: '', FORCE_COLOR: '2' });
  assert.equal((await run.ended).status, 0);
  assert.ok(run.stdout.includes('\x1b[31mred\x1b[0m\\u001b[2J\\u0007'), run.stdout);
  assert.ok(!run.stdout.includes('\x07') && !run.stdout.includes('\x1b[2J'));
});

it(
  'the program prints in colour for a student, and without behind a pipe or into a file',
  LIMIT,
  async () => {
    const list = (tail: string): string => `evented-demo walkthrough ${tail}`;
    const path = classroom.file(
      own(
        fenced('sh a', list('')),
        'In terminal b:',
        '',
        fenced('sh b', list('| cat'), list('>list; cat list')),
      ),
    );
    const run = classroom.start([path, '--yes'], { NO_COLOR: '', FORCE_COLOR: '2' });
    assert.equal((await run.ended).status, 0);
    const names = run.stdout.split('\n').filter((line) => line.includes('the-four-numbers'));
    assert.deepEqual(
      names.map((line) => [/(a|b) \| /.exec(line)?.[1], line.includes('\x1b[1mthe-four-numbers')]),
      [
        ['a', true],
        ['b', false],
        ['b', false],
      ],
    );
  },
);

it('where there are colours, NO_COLOR is not there, empty or not: Node would warn of it', LIMIT, async () => {
  const path = classroom.file(
    own(fenced('sh a', 'echo NO_COLOR is $(env | grep -c ^NO_COLOR=) times there')),
  );
  const run = classroom.start([path, '--yes'], { NO_COLOR: '', FORCE_COLOR: '2' });
  assert.equal((await run.ended).status, 0);
  assert.match(run.stdout, /NO_COLOR is 0 times there$/m);
});

const byShell = (script: string): string[] => ['sh', '-c', `${script}; exec "$@"`, 'sh'];
const MOUNTED = ['unshare', '-rm', ...byShell('mount -t tmpfs -o noexec none "$TMPDIR"')];
const canMount = spawnSync(MOUNTED[0]!, [...MOUNTED.slice(1), 'true'], { env: classroom.env() }).status === 0;

/** What TMPDIR may be, and how it is made so. */
const NO_PLACE: Record<string, [folder: () => string, under: string[], sentence: RegExp]> = {
  missing: [
    () => join(classroom.folder, 'no-such'),
    [],
    /in \S+no-such: it does not exist\. Set TMPDIR to a folder/,
  ],
  'a file': [
    () => classroom.file('', 'file'),
    [],
    /in \S+file: a part of the path is not a folder\. Set TMPDIR/,
  ],
  full: [
    () => classroom.folder,
    byShell('ulimit -f 0'),
    /in \S+: files may not become that large here\. Set TMPDIR/,
  ],
  'mounted noexec': [
    () => classroom.folder,
    MOUNTED,
    /in \S+: its file system is mounted noexec\. Set TMPDIR/,
  ],
};

for (const [what, [folder, under, sentence]] of Object.entries(NO_PLACE)) {
  const skip = under === MOUNTED && !canMount && 'nothing can be mounted here';
  it(`a TMPDIR that is ${what} is told, and nothing is left`, { ...LIMIT, skip }, async () => {
    const run = classroom.start(['the-four-numbers', '--check', '--port=0'], { TMPDIR: folder() }, under);
    assert.equal((await run.ended).status, 1);
    assert.match(run.stderr, /^evented-demo: .*\n$/);
    assert.match(run.stderr, sentence);
    assert.deepEqual([classroom.processes(), classroom.folders()], [[], []]);
  });
}

it('in the terminals of a lesson the program tells of itself by the name it has there', LIMIT, async () => {
  const path = classroom.file(
    own(fenced('sh a', 'evented-demo connect --port 9 2>&1 | tail -1; evented-demo')),
  );
  const run = classroom.start([path, '--yes']);
  assert.equal((await run.ended).status, 0);
  assert.match(run.stdout, /with `evented-demo serve --port 9`/);
  assert.match(run.stdout, /^a \|\s+evented-demo walkthrough 1 /m);
});

it('a TMPDIR that is relative will do', LIMIT, async () => {
  const path = classroom.file(own(fenced('sh a', 'evented-demo --version')));
  const { status, stderr } = await check([path], { TMPDIR: relative('', classroom.folder) });
  assert.deepEqual([status, stderr], [0, '']);
});

it('an unknown name is wrong usage, and a file that cannot be read is not', LIMIT, async () => {
  const unknown = await check(['the-for-numbers']);
  assert.equal(unknown.status, 2);
  assert.match(
    unknown.stderr,
    /^evented-demo: No walkthrough is named "the-for-numbers"\. Did you mean the-four-numbers\? .+\n$/,
  );
  const unreadable = await check(['no-such.md']);
  assert.equal(unreadable.status, 1);
  assert.match(unreadable.stderr, /^evented-demo: Cannot read no-such\.md: it does not exist\. .+\n$/);
});

/** Walkthroughs as editors and site generators write them. */
const WRITTEN: Record<string, string> = {
  'a byte order mark, front matter, CRLF at the end of its lines, and no newline at its end': `\ufeff${[
    '---\ntitle: "Own"\n# no heading\n---\n',
    own(fenced('sh a', 'cat <<X', 'x', 'X')).trimEnd(),
  ].join('')}`.replaceAll('\n', '\r\n'),
  'a comment above it, and a block that is larger than an argument may be': `<!-- by\n\nsomebody -->\n\n${own(
    fenced('sh a', 'cat <<X', ...Array.from({ length: 2000 }, () => 'y'.repeat(99)), 'X'),
  )}`,
};

for (const [what, text] of Object.entries(WRITTEN)) {
  it(`checks a walkthrough with ${what}`, LIMIT, async () => {
    const { status, stdout, stderr } = await check([classroom.file(text)]);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /: 1 commands/);
  });
}
