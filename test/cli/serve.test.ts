// `serve` at the keyboard: the lines for a person, the signals, and readers that are slow or gone.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MODES } from '../../src/models/options.js';
import { ownAddresses } from '../../src/net/own-addresses.js';
import { spawn } from '../support/cleanup.js';
import { ask, Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { readQrCode } from '../support/qr-code.js';
import { shownBy } from '../support/screen.js';
import { PROGRAM, TestServer } from '../support/server.js';
import { onTerminal } from '../support/terminal.js';
import { missing } from '../support/tools.js';

/** `serve` with its pretty lines: what it printed so far, and a promise for when that has a match. */
function pretty(flags: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--port=0', ...flags], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const shown = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => {
    shown.stdout += text;
  });
  child.stderr.on('data', (text) => {
    shown.stderr += text;
  });
  const until = async (stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(shown[stream]);
      if (match !== null) return match;
      await once(child[stream], 'data');
    }
  };
  const port = async (): Promise<number> => Number((await until('stdout', /http:\/\/[\d.]+:(\d+)\//))[1]);
  const ended = once(child, 'close').then(([status]) => status as number | null);
  return { child, shown, until, port, ended };
}

it('shows a header, the story in columns and a summary, without colours in a pipe', LIMIT, async () => {
  const { child, shown, until, port, ended } = pretty(['--mode=blocking']);
  const client = await Client.connect(await port());
  client.send(get('/'));
  await client.rest();
  await until('stdout', /closed fd/);
  child.kill('SIGINT');
  assert.equal(await ended, 0);
  const text = shown.stdout;
  assert.match(
    text,
    /^evented-demo, blocking server: a thread for each connection\n {2}open {5}http:\/\/127\.0\.0\.1:\d+\/\n/,
  );
  assert.match(text, /use --host 0\.0\.0\.0 to let other machines connect/);
  const tuple = `\\(127\\.0\\.0\\.1, ${client.port}, 127\\.0\\.0\\.1, ${await port()}\\)`;
  assert.match(text, new RegExp(`^ +\\d\\.\\d{6} #1 {4}acceptor {2}accepted ${tuple} fd \\d+$`, 'm'));
  assert.match(text, /^ +\d\.\d{6} #1 {4}conn-1 {4}request GET \/$/m);
  assert.match(text, /^ +\d\.\d{6} #1 {4}conn-1 {4}sent 112 bytes: 200 OK, the reply is complete$/m);
  assert.match(
    text,
    /\nstopped after [\d.]+ m?s\n {2}1 connection, 1 request; \d+ bytes in, 112 bytes out\n/,
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is what must not be there
  assert.doesNotMatch(text, /\x1b/);
  const lines = text.split('\n').filter((line) => !line.includes('accepted (')); // a long 4-tuple may be wider
  assert.deepEqual(
    lines.filter((line) => line.length > 80),
    [],
  );
});

it(
  'says which limits are lower when other machines can connect, and the flag that changes each',
  LIMIT,
  async () => {
    const limits = async (...flags: string[]): Promise<string | undefined> => {
      const { child, until, ended } = pretty(flags);
      const [header] = await until('stdout', /^.*\n {2}stop /s);
      child.kill('SIGINT');
      await ended;
      return /\n {2}limits +(.*?)\n {2}runs on/s.exec(header)?.[1]?.replace(/\s+/g, ' ');
    };
    assert.equal(
      await limits('--host=0.0.0.0', '--max-ms=5000'),
      'lower, because other machines can connect: --timeout 15, --max-connections 1000, --max-bytes 10000000',
    );
    assert.equal(await limits('--host=127.0.0.1'), undefined);
  },
);

describe('on a terminal, open to others', () => {
  const options = { ...LIMIT, skip: missing('script') || (ownAddresses().length === 0 && 'no network') };

  interface Written {
    readonly rows?: number | undefined;
    readonly term?: string | undefined;
    /** What the program writes once it runs. */
    readonly until?: RegExp;
  }
  /** What the program wrote to a terminal while it ran, and until it had ended. */
  async function written(
    flags: readonly string[],
    { rows = 50, term = 'xterm-256color', until = /listening["on ]/ }: Written = {},
  ) {
    const env = { ...process.env, TERM: term, LC_ALL: 'C.UTF-8', FORCE_COLOR: '2', NO_COLOR: '' };
    const child = onTerminal(['serve', '--port=0', ...flags], { columns: 100, rows, env });
    let text = '';
    child.stdout!.setEncoding('utf8').on('data', (piece) => {
      text += piece;
    });
    while (!until.test(text)) await once(child.stdout!, 'data');
    const running = text;
    child.stdin!.write('\x03');
    await once(child, 'close');
    return { running, ended: text };
  }
  const shown = async (flags: readonly string[], rows?: number): Promise<string> =>
    (await written(flags, { rows })).ended.replaceAll('\r', '');

  const code = (text: string): string[] => text.split('\n').filter((line) => line.includes('\x1b[48;5;231m'));

  it('shows a QR code of the first address of its header', options, async () => {
    const text = await shown(['--host=0.0.0.0']);
    const url = /class.*?(http:\S+\/connection)$/m.exec(text)![1]!;
    assert.ok(url.startsWith(`http://${ownAddresses().find(({ family }) => family === 'IPv4')!.address}:`));
    assert.equal(readQrCode(code(text))?.text, url);
  });

  it(
    'keeps the URL on the last row while it runs, and gives the row back when it ends',
    options,
    async () => {
      const { running, ended } = await written(['--host=0.0.0.0', '--detail=calls'], {
        rows: 24,
        until: / Open http\S+\/connection/,
      });
      const meanwhile = (await shownBy([running, 100, 24])).rows;
      assert.match(meanwhile.at(-1)!, /^ Open http:\/\/\S+:\d+\/connection\b/);
      const { rows, scrolledOut } = await shownBy([ended, 100, 24]);
      assert.doesNotMatch([...scrolledOut, ...rows].join('\n'), /^ Open /m);
      assert.match(rows.join('\n'), /stopped after/);
      assert.doesNotMatch(rows.join('\n'), /\^C/, 'the echo of the key is overwritten');
    },
  );

  for (const [where, flags, term] of [
    ['on 127.0.0.1', ['--host=127.0.0.1'], undefined],
    ['as NDJSON', ['--host=0.0.0.0', '--format=ndjson'], undefined],
    ['on a dumb terminal', ['--host=0.0.0.0'], 'dumb'],
  ] as const) {
    it(`moves no cursor ${where}`, options, async () => {
      const { ended } = await written(flags, { rows: 24, term });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is what must not be there
      assert.doesNotMatch(ended, /\x1b[78]|\x1b\[[\d;]*[A-HJKr]/);
    });
  }

  for (const [where, flags, rows] of [
    ['on 127.0.0.1', ['--host=127.0.0.1'], undefined],
    ['as NDJSON', ['--host=0.0.0.0', '--format=ndjson'], undefined],
    ['on a terminal that is too small', ['--host=0.0.0.0'], 20],
  ] as const) {
    it(`shows none ${where}`, options, async () => {
      assert.deepEqual(code(await shown(flags, rows)), []);
    });
  }
});

it('breaks its lines where the terminal ends, also when that is made narrower', {
  ...LIMIT,
  skip: missing('script'),
}, async () => {
  const child = onTerminal(['serve', '--port=0'], { columns: 200 });
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (piece) => {
    text += piece;
  });
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(text);
      if (found !== null) return found;
      await once(child.stdout!, 'data');
    }
  };
  const [, pid] = await until(/, pid (\d+)/);
  const [, port] = await until(/listening on port (\d+)/);
  await ask(Number(port), get('/'));
  await until(/accepted \(127\.0\.0\.1, \d+, 127\.0\.0\.1, \d+\) fd \d+\r\n/);
  execFileSync('stty', ['-F', readlinkSync(`/proc/${pid}/fd/1`), 'cols', '60']);
  const narrow = /^ {30}.*fd \d+\r\n/m; // below the last column
  while (!narrow.test(text)) await ask(Number(port), get('/'));
  child.stdin!.write('\x03');
  assert.deepEqual(await once(child, 'close'), [0, null]);
});

it('colours connections where it is told to, and NO_COLOR forbids it', LIMIT, async () => {
  for (const [env, coloured] of [
    [{ FORCE_COLOR: '2', NO_COLOR: '' }, true],
    [{ FORCE_COLOR: '2', NO_COLOR: '1' }, false],
  ] as const) {
    const { child, shown, until, port, ended } = pretty(['--mode=evented'], env);
    await ask(await port(), get('/'));
    await until('stdout', /closed fd/);
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
    assert.equal(shown.stdout.includes('\x1b[38;5;'), coloured);
  }
});

it('goes on without its output when the reader closes it, and still stops in order', LIMIT, async () => {
  const { child, until, port, ended } = pretty(['--mode=evented']);
  const number = await port();
  child.stdout.destroy();
  await ask(number, get('/'));
  await until(
    'stderr',
    /Cannot write to standard output any longer \(EPIPE\); the server continues without it/,
  );
  assert.match(await ask(number, get('/')), /Hello, world!$/);
  child.kill('SIGINT');
  assert.equal(await ended, 0);
});

it('nothing is said of a reader that goes away while the server stops', LIMIT, async () => {
  const { child, shown, port, ended } = pretty(['--mode=evented', '--keep-alive']);
  const client = await Client.connect(await port());
  child.stdout.pause();
  child.stdout.removeAllListeners('data');
  // More than the pipe holds, so that a write is under way when the reader goes.
  client.send(get(`/${'a'.repeat(1000)}`).repeat(500));
  await client.receive(500);
  child.kill('SIGINT');
  await client.rest(); // the server closes its connections: it is stopping
  child.stdout.destroy();
  assert.equal(await ended, 0);
  assert.equal(shown.stderr, '');
});

it('a slow reader of NDJSON gets whole lines, and `stopped` is the last', LIMIT, async (t) => {
  const server = spawn(process.execPath, [PROGRAM, 'serve', '--port=0', '--keep-alive', '--format=ndjson'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => server.kill('SIGKILL'));
  const ended = once(server, 'exit');
  let text = '';
  server.stdout.setEncoding('utf8').on('data', (piece) => {
    text += piece;
  });
  const listening = /"event":"listening".*"port":(\d+)/;
  while (!listening.test(text)) await once(server.stdout, 'data');
  server.stdout.pause().removeAllListeners('data');
  const client = await Client.connect(Number(listening.exec(text)![1]));
  t.after(() => client.reset());
  const batch = get(`/${'a'.repeat(1000)}`).repeat(100);
  client.send(batch);
  await client.until('N.\n');
  const replyBytes = client.text.indexOf('N.\n') + 3;
  for (let i = 1; i <= 60; i++) {
    await client.receive(i * 100 * replyBytes);
    client.send(batch);
  }
  server.kill('SIGINT');
  for await (const piece of server.stdout) {
    text += piece;
    await sleep(10); // that is what makes it slow
  }
  assert.deepEqual(await ended, [0, null]);
  const lines = text.trimEnd().split('\n');
  for (const line of lines) assert.doesNotThrow(() => JSON.parse(line), line);
  assert.equal(JSON.parse(lines.at(-1)!).event, 'stopped');
});

it('skips lines for a reader that does not read, answers on, and says how many', LIMIT, async () => {
  const { child, until, port } = pretty(['--mode=evented', '--keep-alive']);
  const number = await port();
  child.stdout.pause();
  child.stdout.removeAllListeners('data');
  // More lines than may wait to be read: 16 MiB of characters.
  const client = await Client.connect(number);
  const batch = get(`/${'a'.repeat(1000)}`).repeat(100);
  client.send(batch);
  await client.until('N.\n');
  const replyBytes = client.text.indexOf('N.\n') + 3;
  for (let i = 1; i <= 300; i++) {
    await client.receive(i * 100 * replyBytes);
    if (i < 300) client.send(batch);
  }
  client.socket.destroy();
  child.kill('SIGINT');
  const [status] = await once(child, 'exit');
  assert.equal(status, 0);
  await until('stderr', /evented-demo: \d+ lines were not shown: standard output was read too slowly\.\n$/);
  child.stdout.destroy();
});

it('a second Ctrl-C leaves at once', LIMIT, async () => {
  const server = await TestServer.start(['--mode=iterative']);
  const client = await Client.connect(server.port);
  client.send(get('/bytes?count=100000000'));
  client.socket.pause();
  await server.first('sent');
  process.kill(server.pid, 'SIGSTOP'); // so that the first stop can't be over before the second is asked for
  process.kill(server.pid, 'SIGINT');
  process.kill(server.pid, 'SIGCONT');
  process.kill(server.pid, 'SIGINT');
  const { status, signal } = await server.ended;
  assert.deepEqual([status, signal], [0, null]);
  client.socket.destroy();
});

for (const mode of MODES) {
  it(
    `--until-eof: ${mode} stops when its standard input ends, asleep as its threads may be`,
    LIMIT,
    async () => {
      const { child, shown, port, ended } = pretty([`--mode=${mode}`, '--until-eof']);
      const silent = await Client.connect(await port());
      child.stdin.end();
      assert.equal(await ended, 0);
      assert.match(shown.stdout, /\nstopped after /);
      silent.reset();
    },
  );
}
