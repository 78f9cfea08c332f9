// `compare --with`: a server that nobody here wrote, beside the models. The same clients, the same figures and sentences,
// and a sentence for all that can be wrong with it.

import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { withCommand } from '../../src/cli/compare/with.js';
import type { Comparison } from '../../src/compare/comparison.js';
import { OtherServer } from '../../src/compare/other-server.js';
import { freePort } from '../../src/walkthrough/port.js';
import { spawn, temporaryFolder } from '../support/cleanup.js';
import { LIMIT } from '../support/limit.js';
import { PROGRAM, run } from '../support/server.js';
import { missing } from '../support/tools.js';

const NEEDS = { skip: missing('strace') || missing('python3'), ...LIMIT };
const folder = temporaryFolder();

/** One at a time; it answers every request the same. */
const ITERATIVE = join(folder, 'one-by-one.py');
writeFileSync(
  ITERATIVE,
  `
import socket, sys
listener = socket.create_server(('127.0.0.1', int(sys.argv[1])), backlog=100)
while True:
    connection, _ = listener.accept()
    head = b''
    while b'\\r\\n\\r\\n' not in head:
        part = connection.recv(1000)
        if not part: break
        head += part
    else: connection.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nhi')
    connection.close()
`,
);

/** In one line, whatever the width. */
const flat = (text: string): string => text.replace(/\s+/g, ' ');

const modelOf = ({ models }: Comparison, name: string) => models.find(({ mode }) => mode === name)!;

describe('compare --with', NEEDS, () => {
  it(
    'puts two servers that are not ours beside a model: the same clients, figures and rules',
    LIMIT,
    async () => {
      const { status, stdout, stderr } = await run([
        ...['compare', 'silent', '--json', '--modes=evented'],
        ...['--with', `python3 ${ITERATIVE} {port}`],
        ...['--with', 'threads=python3 -m http.server --bind 127.0.0.1 {port}'],
      ]);
      assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
      const comparison = JSON.parse(stdout) as Comparison;
      assert.deepEqual(
        comparison.models.map(({ mode, command, figures: { answered, failed, peakConnections } }) => [
          mode,
          command === undefined,
          answered,
          failed,
          peakConnections,
        ]),
        [
          ['evented', true, 1, 0, 5],
          ['one-by-one.py', false, 0, 1, 1],
          ['threads', false, 1, 0, 5],
        ],
      );
      assert.deepEqual(modelOf(comparison, 'one-by-one.py').figures.failures, { 'no reply in time': 1 });
      assert.equal(modelOf(comparison, 'one-by-one.py').figures.peakThreads, 1);
      assert.deepEqual(
        comparison.verdict.map(({ id }) => id),
        [
          'answered by evented, threads',
          'one thread: evented, one-by-one.py',
          'looks like: one-by-one.py one at a time',
          'advice: one-by-one.py sleeps-for-one',
          'looks like: threads a thread each',
          'under strace: one-by-one.py, threads',
        ],
      );
    },
  );

  it('says what a server does not know, and compares no times of it', LIMIT, async () => {
    const { status, stdout, stderr } = await run([
      ...['compare', 'burst', '--quiet', '--connections=4', '--modes=async,evented'],
      ...['--with', 'python3 -m http.server --bind 127.0.0.1 {port}'],
    ]);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    assert.match(stdout, /^requests answered +8 +8 +8$/m);
    assert.match(
      flat(stdout),
      /- http\.server did not do what \/sleep\?ms=100 asks \(8 requests\): it does not know the path, or answers without doing it\. - http\.server ran under strace, which stops it at each system call/,
    );
    assert.match(flat(stdout), /- All 4 requests of the first storm were answered within [^;]*\. - /);
    assert.doesNotMatch(stdout, /answered within.*http\.server/);
    assert.match(stdout, /^all within .*\n.*\n +http\.server +under strace: not compared$/m);
  });

  const wrong: readonly [what: string, command: string, sentence: RegExp][] = [
    [
      'ends at once',
      'python3 no-such-file.py {port}',
      /^no-such-file\.py: The server ended with status 2 before it listened on a TCP port\. The last line that it printed: .*No such file/m,
    ],
    [
      'listens elsewhere',
      `own=python3 ${ITERATIVE} PORT # {port}`,
      /^own: The server listens on 127\.0\.0\.1 port \d+, but the clients connect to 127\.0\.0\.1 port \d+\. Does its command use \{port\}\?$/m,
    ],
  ];
  for (const [what, command, sentence] of wrong) {
    it(`ends with one sentence where the server ${what}`, LIMIT, async () => {
      const other = command.replace('PORT', String(await freePort()));
      const { status, stdout } = await run(['compare', 'silent', '--modes=evented', '--with', other]);
      assert.equal(status, 1);
      assert.match(stdout, sentence);
      assert.doesNotMatch(stdout, /What it shows|->/);
    });
  }

  it('ends a server that does not listen in time', LIMIT, async () => {
    const server = new OtherServer({ name: 'late', command: 'sleep 1000 # {port}', port: 1 }, () => {}, 10);
    assert.equal(await server.listening, undefined);
    assert.equal(await server.ended, 'The server did not listen on port 1 within 0.01 s.');
  });

  it('ends its server too when it is killed', LIMIT, async () => {
    const child = spawn(
      process.execPath,
      [
        PROGRAM,
        'compare',
        'open',
        '--port=0',
        '--modes=evented',
        '--with',
        `own=python3 ${ITERATIVE} {port}`,
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    let said = '';
    const pid = await new Promise<string>((resolve) => {
      child.stdout!.on('data', (text) => {
        said += text;
        const found = /pid \d+ .*, pid (\d+)$/m.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    child.kill('SIGKILL');
    while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  const usage: readonly [args: readonly string[], sentence: RegExp][] = [
    [['--with', 'python3 server.py 8080'], /Use a command with \{port\} where its port belongs/],
    [['--with', 'a {port}', '--with', 'b {port}', '--with', 'c {port}'], /can be given twice at most/],
    [
      ['--with', 'evented=./server {port}', '--modes=evented'],
      /Two servers would be called evented\. Name one/,
    ],
    [['--with', './server {port}', '--pace=1ms'], /--with .*--pace/],
    [['prefork', '--with', './server {port}'], /This scenario kills a process of each server/],
  ];
  for (const [args, sentence] of usage) {
    it(`refuses ${args.join(' ')}`, LIMIT, async () => {
      const { status, stdout, stderr } = await run(['compare', ...args]);
      assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
      assert.match(stderr, sentence);
    });
  }
});

const NAMES: readonly [text: string, name: string, command?: string][] = [
  ['./server {port}', 'server'],
  ['python3 -u src/server.py {port}', 'server.py'],
  ['python3 -m http.server --bind 127.0.0.1 {port}', 'http.server'],
  ['cd server && PORT={port} node index.js', 'index.js'],
  ['java -cp . Server {port}', 'Server'],
  ['go run . {port}', 'go'],
  ['mine=./server {port}', 'mine', './server {port}'],
  ['PORT={port} ./server', 'server'],
];

describe('--with reads a name and a command', () => {
  for (const [text, name, command = text] of NAMES)
    it(`${text} is called ${name}`, () => assert.deepEqual(withCommand.read(text), { name, command }));
});
