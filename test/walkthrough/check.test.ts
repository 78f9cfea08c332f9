// `walkthrough --check`: the example of the format holds, and a broken walkthrough is told. The course's own are checked
// by test/docs/course.test.ts.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { after, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LIMIT } from '../support/limit.js';
import { smallServer } from '../support/small-server.js';
import { Classroom } from '../support/walkthrough.js';

const FOLDER = fileURLToPath(new URL('../../../docs/walkthroughs/', import.meta.url));
const FENCE = '```';
const fenced = (info: string, ...lines: string[]): string => [FENCE + info, ...lines, FENCE, ''].join('\n');
/** The first block's first line is line 8. */
const own = (...parts: string[]): string =>
  `${['# Own', '', 'A test.', '', '## In a and b', '', ...parts].join('\n')}\n`;

const room = new Classroom();
after(() => room.close());

async function check(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const run = room.start([...args, '--check'], env);
  const { status } = await run.ended;
  assert.deepEqual(room.processes(), []);
  assert.deepEqual(room.rooms(), []);
  return { status, stdout: run.stdout, stderr: run.stderr };
}

it('the example in the documentation of the format holds', LIMIT, async () => {
  const [, example] = /^````markdown\n([\s\S]*?)^````$/m.exec(
    readFileSync(join(FOLDER, 'README.md'), 'utf8'),
  )!;
  const { status, stderr } = await check([room.file(example!), '--port=0']);
  assert.deepEqual([status, stderr], [0, '']);
});

/** Of 100 rows there is none, and to know it takes longer than anybody waits. */
const HOPELESS = ['<a>', '<b, not a>', '<c, not a, not b>', '<d, not a>', '<e, more than a, less than a>'];

it('a byte order mark, as some editors write, does no harm', LIMIT, async () => {
  const { status, stderr } = await check([room.file(`\ufeff${own(fenced('sh a', 'true'))}`)]);
  assert.deepEqual([status, stderr], [0, '']);
});

const BROKEN: Record<string, [text: string, line: number, sentence: RegExp]> = {
  'a line that never comes': [
    own(fenced('sh a', 'echo yes'), fenced('text', 'no')),
    12,
    /expected terminal a to print "no", found it nowhere; the last it printed is "yes"/,
  ],
  'another line in between': [
    own(fenced('sh a', 'echo 1; echo 2; echo 3'), fenced('text', '1', '3')),
    13,
    /expected terminal a to print "3" as the next line, found "2"/,
  ],
  'a line that never comes from what stays': [
    own(fenced('sh a stays', 'sleep 1000'), fenced('text within=1', 'no'), fenced('keys a', 'Ctrl-C')),
    12,
    /to print "no" within 1 s, found it nowhere; it printed nothing/,
  ],
  'lines that are looked for longer than they may take': [
    own(fenced('sh a', 'seq 100'), fenced('text any-order within=1', ...HOPELESS)),
    16,
    /expected terminal a to print "<e, more than a, less than a>" within 1 s, found it nowhere/,
  ],
  'a number that is another': [
    own(fenced('sh a', 'echo port 1; echo port 2'), fenced('text', 'port <p>', 'port <p>')),
    13,
    /expected terminal a to print "port <p>" as the next line, found "port 2"/,
  ],
  'evidence that is not there': [
    own(
      '**Question.** Which?\n\n- [ ] A. x\n- [ ] B. y\n',
      fenced('sh a', 'echo yes'),
      `<details><summary>Answer</summary>\n\n**A.** So it is:\n\n${fenced('text', 'no')}\n</details>\n`,
    ),
    21,
    /expected terminal a to print "no"/,
  ],
  'a command that fails': [
    own(fenced('sh a', 'echo before', 'false', 'echo after')),
    9,
    /expected `false` in terminal a to end with status 0, found 1; the last it printed is "before"/,
  ],
  'a command that does not fail as it should': [
    own(fenced('sh a exit=28', 'true')),
    8,
    /expected `true` in terminal a to end with status 28, found 0/,
  ],
  'a command that never ends': [
    own(fenced('sh a within=1', 'sleep 1000')),
    8,
    /expected `sleep 1000` in terminal a to end within 1 s, found it still running/,
  ],
  'a command that prints without an end': [
    own(fenced('sh a', 'yes')),
    8,
    /expected `yes` in terminal a to end within 20 s, found it still running and printing without an end/,
  ],
  'a command that should stay and does not': [
    own(fenced('sh a stays', 'echo short'), fenced('text', 'short'), fenced('keys a', 'Ctrl-C')),
    16,
    /expected a command in terminal a to type to, found that it has ended/,
  ],
  'a command that Ctrl-C does not end': [
    own(
      fenced('sh a stays', `bash -c "trap '' INT; echo on; sleep 1000"`),
      fenced('text', 'on'),
      fenced('keys a within=1', 'Ctrl-C'),
    ),
    16,
    /expected Ctrl-C to end `bash -c .*` within 1 s, found it still running/,
  ],
  'a command that bash cannot read': [
    own(fenced('sh a', 'true', 'echo )')),
    9,
    /expected commands that bash can read/,
  ],
  'a shell that is left': [own(fenced('sh a', 'exit 3')), 8, /to end with status 0, found 3/],
  'a malformed file': [own(fenced('sh a stay', 'true')), 7, /expected stays/],
};

for (const [what, [text, line, sentence]] of Object.entries(BROKEN)) {
  it(`tells ${what}, with status 1`, LIMIT, async () => {
    const path = room.file(text);
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
  const path = room.file(own(fenced('sh a', 'true'), fenced('sh a', 'evented-demo serve --port 8083')));
  const { status, stderr } = await check([path, '--port', String(base)]);
  await close();
  assert.equal(status, 1);
  assert.match(
    stderr,
    new RegExp(`own\\.md:12: expected port ${port} to be free, found .+ \\(pid ${process.pid}\\) on it;`),
  );
});

it('goes on with the next step where one has failed', LIMIT, async () => {
  const path = room.file(`${own(fenced('sh a', 'false'))}\n## Then a\n\n${fenced('sh a', 'echo $SHLVL')}`);
  const { status, stdout } = await check([path]);
  assert.equal(status, 1);
  assert.match(stdout, /^FAILED .*:5 In a and b.*\n(.*\n)*ok {5}.*:12 Then a: 1 commands/m);
});

it(
  'a shell lives for its step: variables stay, descriptors too, and each step has fresh ones',
  LIMIT,
  async () => {
    const path = room.file(
      `${own(
        fenced('sh a', 'X=1', 'exec 3< /dev/null', 'cd /'),
        fenced('sh a', 'echo "$X $PWD" $(readlink /dev/fd/3)'),
        fenced('text', '1 / /dev/null'),
      )}\n## Again a\n\n${fenced('sh a', 'echo "x$X"')}${fenced('text', 'x')}`,
    );
    const { status, stderr } = await check([path]);
    assert.deepEqual([status, stderr], [0, '']);
  },
);

it('types to a program, and ends what is in the foreground only', LIMIT, async () => {
  const path = room.file(
    own(
      fenced('sh a', 'sleep 1000 & P=$!'),
      fenced('sh a stays', 'cat'),
      fenced('keys a', 'one', 'two'),
      fenced('text', 'one', 'two'),
      fenced('keys a', 'Ctrl-C'),
      fenced('sh a', 'kill -0 $P && echo alive'),
      fenced('text', 'alive'),
    ),
  );
  const { status, stderr } = await check([path]);
  assert.deepEqual([status, stderr], [0, '']);
});

it('Ctrl-C leaves alone what the same command has put into the background', LIMIT, async () => {
  const path = room.file(
    own(
      fenced('sh a stays', 'sleep 1000 & P=$!; sleep 1000 & Q=$!; echo begun; cat'),
      fenced('text', 'begun'),
      fenced('keys a', 'Ctrl-C'),
      fenced('sh a', 'kill -0 $P && kill -0 $Q && echo alive'),
      fenced('text', 'alive'),
    ),
  );
  const { status, stderr } = await check([path]);
  assert.deepEqual([status, stderr], [0, '']);
});

it('Ctrl-C ends a wait', LIMIT, async () => {
  const path = room.file(
    own(
      fenced('sh a stays', 'sleep 1000 & sleep 1000 & echo begun; wait'),
      fenced('text', 'begun'),
      fenced('keys a', 'Ctrl-C'),
    ),
  );
  const { status, stderr } = await check([path]);
  assert.deepEqual([status, stderr], [0, '']);
});

it(
  'Ctrl-C reaches a program that begins a moment after it, when a job in the background is there already',
  LIMIT,
  async () => {
    const path = room.file(
      own(
        fenced('sh a stays', 'sleep 1000 & echo begun; for ((i = 0; i < 500000; i++)); do :; done; cat'),
        fenced('text', 'begun'),
        fenced('keys a within=15', 'Ctrl-C'),
      ),
    );
    const { status, stderr } = await check([path]);
    assert.equal(status, 0, stderr);
  },
);

it('waits for what stays to end by itself, and looks at its status', LIMIT, async () => {
  const text = (exit: number): string =>
    own(
      fenced('sh a stays', 'read -r x; echo "got $x"; exit 4'),
      fenced('keys a', 'it'),
      fenced(`text exit=${exit}`, 'got it'),
    );
  assert.equal((await check([room.file(text(4))])).status, 0);
  const { status, stderr } = await check([room.file(text(5))]);
  assert.equal(status, 1);
  assert.match(stderr, /to end with status 5, found 4/);
});

it('skips what needs a tool that is missing, with a word, but never in CI', LIMIT, async () => {
  const path = room.file(
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
  assert.match(inCi.stderr, /:8: expected no-such-tool, which CI must have/);
});

it('points at lines again only where text has come after them', LIMIT, async () => {
  const go = join(room.folder, 'go');
  const path = room.file(
    own(
      fenced(
        'sh a stays',
        String.raw`printf 'one\ntwo\n'; until [ -e ${go} ]; do sleep 0.01; done; echo three`,
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
  const run = room.start([path, '--yes']);
  await run.until('a > two');
  await run.until('It will go on.');
  writeFileSync(go, '');
  assert.equal((await run.ended).status, 0);
  assert.match(run.stdout, /^a \| three$/m);
  assert.doesNotMatch(run.stdout, /^a > /m);
});

it('compares without colours, and makes control characters harmless', LIMIT, async () => {
  const path = room.file(
    own(
      fenced('sh a', String.raw`printf '\033[31mred\033[0m\033[2J\a\r\n\ttab\n'`),
      fenced('text', String.raw`red\u001b[2J\u0007`, 'tab'),
    ),
  );
  assert.equal((await check([path])).status, 0);
  const run = room.start([path, '--yes'], { NO_COLOR: '', FORCE_COLOR: '2' });
  assert.equal((await run.ended).status, 0);
  assert.ok(run.stdout.includes('\x1b[31mred\x1b[0m\\u001b[2J\\u0007'), run.stdout);
  assert.ok(!run.stdout.includes('\x07') && !run.stdout.includes('\x1b[2J'));
});

it(
  'the program prints in colour for a student, and without behind a pipe or into a file',
  LIMIT,
  async () => {
    const list = (tail: string): string => `evented-demo walkthrough ${tail}`;
    const path = room.file(
      own(
        fenced('sh a', list('')),
        'In terminal b:',
        '',
        fenced('sh b', list('| cat'), list('>list; cat list')),
      ),
    );
    const run = room.start([path, '--yes'], { NO_COLOR: '', FORCE_COLOR: '2' });
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
  const path = room.file(own(fenced('sh a', 'echo NO_COLOR is $(env | grep -c ^NO_COLOR=) times there')));
  const run = room.start([path, '--yes'], { NO_COLOR: '', FORCE_COLOR: '2' });
  assert.equal((await run.ended).status, 0);
  assert.match(run.stdout, /NO_COLOR is 0 times there$/m);
});

const byShell = (script: string): string[] => ['sh', '-c', `${script}; exec "$@"`, 'sh'];
const MOUNTED = ['unshare', '-rm', ...byShell('mount -t tmpfs -o noexec none "$TMPDIR"')];
const canMount = spawnSync(MOUNTED[0]!, [...MOUNTED.slice(1), 'true'], { env: room.env() }).status === 0;

/** What TMPDIR may be, and how it is made so. */
const NO_PLACE: Record<string, [folder: () => string, under: string[], sentence: RegExp]> = {
  missing: [() => join(room.folder, 'no-such'), [], /in \S+no-such, found ENOENT; set TMPDIR to a folder/],
  'a file': [() => room.file('', 'file'), [], /in \S+file, found ENOTDIR; set TMPDIR to a folder/],
  full: [
    () => room.folder,
    byShell('ulimit -f 0'),
    /in \S+, found EFBIG; set TMPDIR to a folder .* with room in it/,
  ],
  'mounted noexec': [
    () => room.folder,
    MOUNTED,
    /in \S+, found that none may run there \(noexec\); set TMPDIR to a folder where they may/,
  ],
};

for (const [what, [folder, under, sentence]] of Object.entries(NO_PLACE)) {
  const skip = under === MOUNTED && !canMount && 'nothing can be mounted here';
  it(`a TMPDIR that is ${what} is told, and nothing is left`, { ...LIMIT, skip }, async () => {
    const run = room.start(['the-four-numbers', '--check', '--port=0'], { TMPDIR: folder() }, under);
    assert.equal((await run.ended).status, 1);
    assert.match(run.stderr, /^evented-demo: expected .*\n$/);
    assert.match(run.stderr, sentence);
    assert.deepEqual([room.processes(), room.rooms()], [[], []]);
  });
}

it('in the terminals of a lesson the program tells of itself by the name it has there', LIMIT, async () => {
  const path = room.file(own(fenced('sh a', 'evented-demo connect --port 9 2>&1 | tail -1; evented-demo')));
  const run = room.start([path, '--yes']);
  assert.equal((await run.ended).status, 0);
  assert.match(run.stdout, /with `evented-demo serve --port 9`/);
  assert.match(run.stdout, /^a \|\s+evented-demo walkthrough 1 /m);
});

it('a TMPDIR that is relative will do', LIMIT, async () => {
  const path = room.file(own(fenced('sh a', 'evented-demo --version')));
  const { status, stderr } = await check([path], { TMPDIR: relative('', room.folder) });
  assert.deepEqual([status, stderr], [0, '']);
});

it('an unknown name is told what it may have meant, with status 2', async () => {
  for (const [name, near] of [
    ['the-for-numbers', /; did you mean the-four-numbers\?$/],
    ['zzzzzzzzzzzzzz', /; `\S+ \S+\.js walkthrough` lists them\.$/],
    ['99', /; `\S+ \S+\.js walkthrough` lists them\.$/],
    ['', /; `\S+ \S+\.js walkthrough` lists them\.$/],
    ['c1k', /; did you mean c10k\?$/],
  ] as const) {
    const { status, stderr } = await check([name]);
    assert.equal(status, 2);
    assert.ok(stderr.includes(`found "${name}"; `), stderr);
    assert.match(stderr.trimEnd(), near);
  }
});

it('a file that cannot be read is told', async () => {
  mkdirSync(join(room.folder, 'folder.md'));
  assert.match((await check(['no-such.md'])).stderr, /no-such\.md, found ENOENT/);
  assert.match((await check([join(room.folder, 'folder.md')])).stderr, /found EISDIR/);
});
