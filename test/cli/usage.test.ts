// Wrong usage and what can't be done: one sentence on standard error, the exit status of the contract, no stack trace.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createProgram } from '../../src/cli/program.js';
import { STARTED_AS } from '../../src/terminal/command-line.js';
import { spawn, temporaryFolder } from '../support/cleanup.js';
import { LIMIT } from '../support/limit.js';
import { PROGRAM, run, TestServer } from '../support/server.js';
import { smallServer } from '../support/small-server.js';

const program = await createProgram();

for (const [what, args, status, sentence] of [
  [
    'an unknown mode',
    ['serve', '--mode', 'evnted'],
    2,
    /: --mode cannot be "evnted"\. Use one of iterative, blocking, pool, processes, evented, async, completion\.$/m,
  ],
  ['an unknown flag', ['serve', '--prot', '1'], 2, /: Unknown option '--prot'\. Did you mean --port\?$/m],
  ['an unknown command', ['serv'], 2, /: Unknown command 'serv'\. Did you mean serve\?$/m],
  [
    'an unknown flag without a command',
    ['--prt'],
    2,
    /: Unknown option '--prt'\. `\S+ \S+ --help` lists all commands\.$/m,
  ],
  [
    'a port out of range',
    ['serve', '--port', '70000'],
    2,
    /: --port cannot be "70000"\. Use a whole number from 0 to 65535\.$/m,
  ],
  ['a flag without its value', ['serve', '--port'], 2, /: Option '--port <number>' argument missing\. `/],
  [
    'a word too many',
    ['serve', 'extra'],
    2,
    /: Unexpected argument "extra"\. Leave it out\. `\S+ \S+ serve --help`/,
  ],
  [
    'a word after a scenario',
    ['compare', 'quick', 'more'],
    2,
    /: Unexpected argument "more"\. Leave it out\./,
  ],
  [
    'edge-triggered without epoll',
    ['serve', '--edge-triggered', '--poller=select'],
    2,
    /--edge-triggered needs epoll\. Leave it out, or leave out --poller select\./,
  ],
  [
    'workers of several loops',
    ['serve', '--loops=2', '--workers=2'],
    2,
    /--workers works for one loop\. Leave out --loops or --workers\./,
  ],
  [
    'a shared listener of one loop',
    ['serve', '--share=listener'],
    2,
    /--share listener needs several loops\. Use it with --loops 2 or more\./,
  ],
  [
    'several loops of another model',
    ['serve', '--mode=async', '--loops=2'],
    2,
    /--loops has no effect with --mode async\. Leave it out, or use --mode evented\./,
  ],
  ['no loop', ['serve', '--loops=0'], 2, /--loops.*Use a whole number from 1 to 64\./],
  [
    'a poller for threads',
    ['serve', '--mode=blocking', '--poller=poll'],
    2,
    /--poller has no effect with --mode blocking\. Leave it out, or use --mode evented or async\./,
  ],
  [
    'edge-triggered threads',
    ['serve', '--mode=blocking', '--edge-triggered'],
    2,
    /--edge-triggered has no effect with --mode blocking\. Leave it out, or use --mode evented or async\./,
  ],
  [
    'a limit of threads for one that has none but itself',
    ['serve', '--mode=iterative', '--max-threads=3'],
    2,
    /--max-threads has no effect with --mode iterative\. Leave it out, or use --mode blocking\./,
  ],
  [
    'spare threads of a loop',
    ['serve', '--spare-threads=3'],
    2,
    /--spare-threads has no effect with --mode evented\. /,
  ],
  [
    'a host that is not ours',
    ['serve', '--port=0', '--host=192.0.2.1'],
    1,
    /--host 192\.0\.2\.1 is not an address of this machine\. It has 127\.0\.0\.1/,
  ],
  [
    'a host that is no name',
    ['serve', '--port=0', '--host=no.such.host.invalid'],
    1,
    /No address is known for --host "no\.such\.host\.invalid"\. Use an address or a name of this machine/,
  ],
  [
    'an empty host, as of a variable that is not set',
    ['serve', '--port=0', '--host', ''],
    2,
    /: --host cannot be ""\. Use an address or a name\.$/m,
  ],
  [
    'clients of an empty host',
    ['connect', '--host='],
    2,
    /: --host cannot be ""\. Use an address or a name\.$/m,
  ],
  [
    'threads on the portable engine',
    ['serve', '--mode=blocking', '--engine=portable'],
    2,
    /--mode blocking needs system calls, and --engine portable makes none\. Use --mode evented\./,
  ],
  [
    'a pace that is none',
    ['serve', '--pace=fast'],
    2,
    /: --pace cannot be "fast"\. Use milliseconds from 1 to 5000 such as 200ms, or a factor /,
  ],
  [
    'a pace on the portable engine',
    ['serve', '--pace=200', '--engine=portable'],
    2,
    /--pace needs system calls, and --engine portable makes none\. Leave it out\./,
  ],
  [
    'a sweep of no range',
    ['compare', '--sweep', 'connections=9'],
    2,
    /: --sweep cannot be "connections=9"\. Use connections=A\.\.B, such as connections=10\.\.10000: /,
  ],
  [
    'a sweep of a scenario',
    ['compare', 'quick', '--sweep=connections=1..5'],
    2,
    /--sweep runs no scenario\. Leave "quick" or --sweep out\./,
  ],
  [
    'a sweep at a pace',
    ['compare', '--sweep=connections=1..5', '--pace=100ms'],
    2,
    /: Option '--sweep.*' cannot be used with option '--pace.*'\. `/,
  ],
  [
    'a sweep with a question',
    ['compare', '--sweep=connections=1..5', '--ask'],
    2,
    /: Option '--sweep.*' cannot be used with option '--ask.*'\. `/,
  ],
  [
    'a sweep with a number of connections',
    ['compare', '--sweep=connections=1..5', '--connections=7'],
    2,
    /: Option '--sweep.*' cannot be used with option '--connections.*'\. `/,
  ],
  [
    'a value of two lines',
    ['serve', '--port', '5\n6'],
    2,
    /: --port cannot be "5\\n6"\. Use a whole number from 0 to 65535\.$/m,
  ],
  [
    'a mystery that is none',
    ['mystery', '17'],
    2,
    /: The number cannot be "17"\. Use a whole number from 1 to 16\.$/m,
  ],
  ['a replay of nothing', ['replay'], 2, /: Missing required argument 'file'\. `\S+ \S+ replay --help`/],
  [
    'a recording in a folder that is not there',
    ['serve', '--port=0', '--record=/no/such/folder/x'],
    1,
    /Cannot write to \S+\. Its folder does not exist\./,
  ],
] as const) {
  it(`${what}: status ${status} and a sentence`, LIMIT, async () => {
    const ended = await run(args);
    assert.equal(ended.status, status);
    assert.match(ended.stderr, sentence);
    assert.match(ended.stderr, /^evented-demo: [^\n]+\n$/, 'one line');
    assert.equal(ended.stdout, '');
  });
}

it('without a command it shows three to begin with, and all there are', LIMIT, async () => {
  const { status, stdout, stderr } = await run([]);
  assert.deepEqual([status, stderr], [0, '']);
  const [, first, all] = /\nBegin with:\n(.*?)\n\nAll commands:\n(.*?)\n\n/s.exec(stdout)!;
  assert.equal(first!.split('\n').length, 3);
  for (const command of ['serve', 'connect', 'inspect', 'compare', 'walkthrough', 'doctor'])
    assert.match(all!, new RegExp(`^  ${command} +\\S`, 'm'));
  for (const line of stdout.split('\n').slice(1)) assert.ok(line.length <= 80 + PROGRAM.length, line);
});

/** `evented-demo` as the program's own name, so that no folder makes a line longer. */
const helpOf = async (...words: string[]): Promise<string> => {
  const env = { ...process.env, [STARTED_AS]: 'evented-demo' };
  const { status, stdout } = spawnSync(process.execPath, [PROGRAM, ...words, '--help'], {
    env,
    encoding: 'utf8',
  });
  assert.equal(status, 0);
  return stdout;
};

for (const command of [undefined, ...program.commands.map((each) => each.name())]) {
  const words = command === undefined ? [] : [command];
  it(`${[...words, '--help'].join(' ')} fits 80 columns, and its examples can be typed`, LIMIT, async () => {
    const help = await helpOf(...words);
    for (const line of help.split('\n')) assert.ok(line.length <= 80, line);
    const examples = [...help.matchAll(/^ {2}evented-demo (\S+) ?(.*?)(?: {2,}.*)?$/gm)];
    for (const [line, name, rest] of examples) {
      const example = program.commands.find((each) => each.name() === name);
      assert.ok(example, line);
      const { unknown } = example.parseOptions(rest!.split(' ').filter(Boolean));
      assert.deepEqual(unknown, [], line);
    }
    if (['serve', 'connect', 'inspect', 'doctor', undefined].includes(command))
      assert.ok(examples.length >= 2);
  });
}

for (const args of [['--help'], ['serve', '--help'], ['--version']]) {
  it(`${args.join(' ')} goes to standard output, with status 0`, LIMIT, async () => {
    const { status, stdout, stderr } = await run(args);
    assert.deepEqual([status, stderr], [0, '']);
    assert.notEqual(stdout, '');
  });
}

for (const [mode, ...more] of [['iterative'], ['blocking'], ['evented'], ['evented', '--engine=portable']]) {
  it(`${[mode, ...more].join(' ')}: a port in use is told, with who has it`, LIMIT, async () => {
    const { port } = await smallServer();
    const { status, stdout, stderr } = await run(['serve', `--mode=${mode}`, `--port=${port}`, ...more]);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(
      stderr,
      new RegExp(
        `^evented-demo: Port ${port} of 127.0.0.1 is in use by .* \\(pid ${process.pid}\\)\\. .*\n$`,
      ),
    );
  });
}

/** A listener whose process has named itself so, as any may; gone when the test is over. */
async function listenerNamed(t: TestContext, name: string, address: string): Promise<number> {
  const script = `require('node:fs').writeFileSync('/proc/self/comm', ${JSON.stringify(name)});
    const server = require('node:net').createServer().listen(0, '${address}', () => console.log(server.address().port));`;
  const other = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => other.kill('SIGKILL'));
  const [port] = await once(other.stdout, 'data');
  return Number(port);
}

for (const [command, address] of [
  ['serve', '127.0.0.1'],
  ['connect', '127.0.0.5'],
] as const) {
  it(`${command}: whoever has the port can't write to the terminal with its name`, LIMIT, async (t) => {
    const port = await listenerNamed(t, '\x1b[31mevil\x07', address);
    const server = command === 'connect' ? await TestServer.start([]) : undefined;
    const args = server ? [`--port=${server.port}`, `--from=${address}:${port}`] : [`--port=${port}`];
    const { status, stderr } = await run([command, ...args]);
    await server?.stop();
    assert.equal(status, 1);
    assert.match(stderr, / in use by \\u001b\[31mevil\\u0007 \(pid \d+\)\. /);
    assert.doesNotMatch(stderr, /\p{Cc}(?<!\n)/u);
  });
}

describe('a recording', () => {
  const folder = temporaryFolder();

  it('holds the events that were printed', LIMIT, async () => {
    const file = join(folder, 'events');
    const server = await TestServer.start(['--mode=blocking', `--record=${file}`]);
    await fetch(`http://127.0.0.1:${server.port}/`);
    await server.stop();
    const recorded = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(recorded, server.events);
  });

  it('never takes the place of an earlier file', LIMIT, async () => {
    const file = join(folder, 'precious');
    writeFileSync(file, 'kept\n');
    const { status, stderr } = await run(['serve', '--port=0', `--record=${file}`]);
    assert.equal(status, 1);
    assert.match(
      stderr,
      /precious exists already, and --record never overwrites a file\. Choose another name/,
    );
    assert.equal(readFileSync(file, 'utf8'), 'kept\n');
  });

  for (const [command, ...server] of [
    ['serve', '--port=0'],
    ['watch', '--', 'true'],
  ] as const)
    it(`leaves no file where ${command} cannot start`, LIMIT, async () => {
      const { port } = await smallServer();
      const file = join(folder, `${command}.ndjson`);
      const { status, stderr } = await run([command, `--page=${port}`, `--record=${file}`, ...server]);
      assert.equal(status, 1);
      assert.match(stderr, /The live page cannot use port/);
      assert.equal(existsSync(file), false);
    });

  it('by a link that leads nowhere is refused in a sentence', LIMIT, async () => {
    const link = join(folder, 'link');
    symlinkSync(join(folder, 'no', 'such', 'folder'), link);
    const { status, stdout, stderr } = await run(['serve', '--port=0', `--record=${link}`]);
    assert.deepEqual([status, stdout], [1, '']);
    assert.equal(
      stderr,
      `evented-demo: Cannot write to ${link}. Its folder does not exist. Make the folder, or name another file.\n`,
    );
  });

  it('is not left empty by a server that could not start', LIMIT, async () => {
    const file = join(folder, 'nothing');
    assert.equal((await run(['serve', '--host=192.0.2.1', `--record=${file}`])).status, 1);
    assert.equal(existsSync(file), false);
  });
});

for (const args of [['--help'], ['compare', '--list'], ['walkthrough'], ['doctor', '--port=0']]) {
  it(`${args.join(' ')}: a reader that has gone is no failure, a full disk is`, LIMIT, async () => {
    const unread = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    unread.stdout.destroy();
    assert.deepEqual(await once(unread, 'close'), [0, null]);

    const full = spawnSync('sh', ['-c', '"$0" "$@" >/dev/full', process.execPath, PROGRAM, ...args]);
    assert.equal(full.status, 1);
    assert.equal(
      String(full.stderr),
      'evented-demo: Cannot write to standard output. The disk is full. Delete something, or write to another disk.\n',
    );
  });
}
