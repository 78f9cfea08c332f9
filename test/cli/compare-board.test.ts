// `compare --board` and `compare open`, on a terminal and in a pipe: what a user sees of all servers at once.

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { BoardOnTerminal } from '../support/board.js';
import { spawn } from '../support/cleanup.js';
import { Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { PROGRAM, run } from '../support/server.js';
import { smallServer } from '../support/small-server.js';

describe('compare --board', LIMIT, () => {
  it('changes the pace of all, stays at the end, goes back to a step, and leaves the lines and the figures', async (t) => {
    const board = new BoardOnTerminal(t, ['compare', 'silent', '--modes=blocking,evented', '--board']);
    await board.until(/ s, live/);
    board.press('-');
    await board.until(/live, 50 ms before each step/);
    board.press('+');
    await board.until(/the end/);
    assert.match(board.picture, /^silent: 4 the four close/);
    assert.match(board.picture, /blocking +:\d+ pid \d+, stopped +│ evented +:\d+ pid \d+, stopped/);
    board.press('pp');
    await board.until(/^silent: 3 a fifth sends.* frozen · step 3/);
    await board.until(/connections {2}4 open +│/);
    await board.until(/#9 +:\d+ -> :\d+ .*│/);
    board.press('l');
    await board.prints(/-> the four close/);
    board.press('q');
    assert.equal(await board.ended, 0);
    const afterwards = board.all.slice(board.all.lastIndexOf('\x1b[?1049l'));
    assert.match(afterwards, /requests answered +1 +1/);
    assert.match(afterwards, /What it shows/);
    assert.match(afterwards, /slowed down by hand: durations are not the servers' own/);
  });

  it('has room for four servers on 120x40, and Ctrl-C ends them all', async (t) => {
    const args = ['compare', 'open', '--port=0', '--board', '--modes=iterative,blocking,evented,async'];
    const board = new BoardOnTerminal(t, args, { columns: 120, rows: 40 });
    await board.until(/iterative +:\d+ pid \d+ +│ blocking +:\d+ pid \d+ /);
    const [, evented] = await board.until(/evented +:(\d+) pid \d+ +│ async +:\d+ pid \d+ /);
    board.press('-');
    await board.until(/live, 50 ms before each step([\s\S]*each thread pauses 50){4}/);
    board.press('+');
    await board.until(/live\s+iterative([\s\S]*there are no pauses){4}/);
    const client = await Client.connect(Number(evented));
    t.after(() => client.socket.destroy());
    await board.until(new RegExp(`#1 +:${client.port} -> :${evented} +\\d+ +receiving`));
    client.send('GET /sleep?ms=10000&name=Ada HTTP/1.1\r\n\r\n');
    await board.until(new RegExp(`#1 Ada +:${client.port} -> :${evented} +\\d+ +sleeping`));
    board.press('fad');
    await board.prints(/Follow the client with the name: ad_/);
    board.press('\r');
    await board.until(/follows Ada[\s\S]*space freeze/);
    board.press('\x03');
    assert.equal(await board.ended, 0);
    assert.match(board.all, /evented: 1 connection, 1 request/);
  });

  it('never takes the screen where no server can listen', async (t) => {
    const { port } = await smallServer();
    const args = ['compare', 'open', '--modes=evented', `--port=${port}`, '--board'];
    const board = new BoardOnTerminal(t, args);
    assert.equal(await board.ended, 1);
    assert.doesNotMatch(board.all, /\[\?1049h/);
    assert.match(board.all, new RegExp(`evented: Port ${port} of 127\\.0\\.0\\.1 is in use`));
  });

  it('is refused where there is no terminal', async () => {
    const { status, stderr } = await run(['compare', 'quick', '--board']);
    assert.equal(status, 2);
    assert.match(stderr, /--board needs a terminal/);
  });
});

/** `compare open` in a pipe. */
class Open {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  text = '';

  constructor(t: TestContext, flags: readonly string[] = []) {
    this.child = spawn(process.execPath, [PROGRAM, 'compare', 'open', '--port=0', ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    t.after(() => this.child.kill('SIGTERM'));
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (piece) => {
        this.text += piece;
        this.child.emit('text');
      });
    this.ended = once(this.child, 'close').then(([status]) => status);
  }

  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.text);
      if (found !== null) return found;
      await once(this.child, 'text');
    }
  }

  /** Of the two servers. */
  async ports(): Promise<[number, number]> {
    const [, first, second] = await this.until(/port (\d+), pid \d+ +│ port (\d+), pid/);
    return [Number(first), Number(second)];
  }
}

describe('compare open', LIMIT, () => {
  it('shows everyone who connects, as folded lines, and what each server did', async (t) => {
    const open = new Open(t);
    const ports = await open.ports();
    const clients = await Promise.all(ports.map((port) => Client.connect(port)));
    for (const client of clients) {
      client.send(get('/'));
      await client.rest();
    }
    open.child.kill('SIGINT');
    assert.equal(await open.ended, 0);
    assert.match(open.text, /s -> (blocking|evented): accepted :\d+ -> :\d+/);
    const both = clients.map((client, i) => ` +:${client.port} -> :${ports[i]} fd \\d+`).join(' +│');
    assert.match(open.text, new RegExp(both));
    assert.match(open.text, /blocking: 1 connection, 1 request; at most 1 connection at once, on 2 threads/);
    assert.match(open.text, /evented: 1 connection, 1 request; at most 1 connection at once, on 1 thread/);
  });

  it('sends a request to every server at once for its page, and for nobody else', async (t) => {
    const open = new Open(t, ['--page=0', '--lines=all']);
    await open.until(/^evented +port \d+/m);
    const [, page] = await open.until(/page is at http:\/\/(127\.0\.0\.1:\d+)/);
    const send = (target: string, headers: Record<string, string>): Promise<number> =>
      post(`send?target=${encodeURIComponent(target)}`, headers);
    const post = async (path: string, headers: Record<string, string>): Promise<number> => {
      const url = `http://${page}/${path}`;
      const [response] = await once(httpRequest(url, { method: 'POST', headers }).end(), 'response');
      return response.statusCode;
    };
    const own = { origin: `http://${page}` };
    assert.equal(await send('/', { origin: 'http://evil.example' }), 403);
    assert.equal(await send('/', {}), 403);
    const otherSite = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    assert.equal(await send('/', { ...own, ...otherSite }), 403);
    assert.equal(await send('/bytes?count=1000000000', own), 404);
    assert.equal(await post('pace?change=slower', { origin: 'http://evil.example' }), 403);
    assert.equal(await post('pace?change=constructor', own), 404);
    assert.equal(await send('/sleep?ms=1000', own), 204);
    assert.equal(await send('/', own), 204);
    for (const mode of ['blocking', 'evented'])
      for (const target of ['/sleep\\?ms=1000', '/'])
        await open.until(new RegExp(`^${mode} .* request GET ${target}$`, 'm'));
    open.child.kill('SIGINT');
    assert.equal(await open.ended, 0);
    assert.match(open.text, /blocking: 2 connections/);
    assert.match(open.text, /evented: 2 connections/);
  });

  it('takes no flag of a scenario, and no scenario takes its host', async () => {
    for (const [args, sentence] of [
      [['open', '--json'], /--json is for scenarios/],
      [['silent', '--host=0.0.0.0'], /--host is for compare open/],
    ] as const) {
      const { status, stderr } = await run(['compare', ...args]);
      assert.equal(status, 2);
      assert.match(stderr, sentence);
    }
  });
});
