// The stream of a live page: what a page hears that comes early, late or again, and who hears nothing.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { LifecycleEvent, Totals } from '../../src/lifecycle/events.js';
import { ServerState } from '../../src/lifecycle/state.js';
import { Feed, type Message } from '../../src/live/feed.js';
import { PageServer } from '../../src/live/page-server.js';
import { LIMIT } from '../support/limit.js';

const TOTALS = { connections: 7, requests: 6 } as Totals;

/** The n-th connection, accepted. */
const accepted = (n: number): LifecycleEvent => ({
  at: n,
  event: 'accepted',
  thread: 'loop',
  tid: 1,
  connection: n,
  fd: n + 10,
  fourTuple: ['127.0.0.1', 1000 + n, '127.0.0.1', 80],
});
const many = (from: number, count: number): LifecycleEvent[] =>
  Array.from({ length: count }, (_, i) => accepted(from + i));

/** The same, as events of the first server. */
const ofFirst = (events: readonly LifecycleEvent[]) => events.map((event) => ({ server: 0, event }));

interface Serving {
  readonly feed: Feed;
  readonly port: number;
  /** The messages of one page, as they come. */
  readonly watch: () => Promise<Watching>;
}

interface Watching {
  readonly messages: Message[];
  /** The first message, from here on, for which this is true. */
  readonly until: <M extends Message['kind']>(kind: M) => Promise<Extract<Message, { kind: M }>>;
}

async function serve(t: TestContext): Promise<Serving> {
  const feed = new Feed([{ name: 'evented', mode: 'evented', totals: () => TOTALS }], () => 12);
  const server = await PageServer.listen('<p>page</p>', feed, 0);
  t.after(() => server.close());
  return { feed, port: server.port, watch: () => watch(server.port) };
}

async function watch(port: number): Promise<Watching> {
  const response = await request(port, '/events');
  response.setEncoding('utf8');
  const messages: Message[] = [];
  let text = '';
  response.on('data', (piece: string) => {
    const blocks = (text + piece).split('\n\n');
    text = blocks.pop()!;
    messages.push(...blocks.map((block) => JSON.parse(block.replace('data: ', '')) as Message));
  });
  let next = 0;
  return {
    messages,
    until: async (kind) => {
      for (;;) {
        for (; next < messages.length; next++) {
          const message = messages[next]!;
          if (message.kind !== kind) continue;
          next++;
          return message as never;
        }
        await once(response, 'data');
      }
    },
  };
}

async function request(port: number, path: string, headers = {}, method = 'GET'): Promise<IncomingMessage> {
  const [response] = await once(httpGet({ port, path, headers, method, agent: false }), 'response');
  return response;
}

describe('the stream of a live page', LIMIT, () => {
  it('begins with what happened before, goes on with what happens, and tells the true totals', async (t) => {
    const { feed, watch } = await serve(t);
    feed.take(0, many(1, 3));
    const page = await watch();
    const { servers } = await page.until('begin');
    assert.deepEqual(
      servers.map(({ name, events }) => ({ name, events })),
      [{ name: 'evented', events: many(1, 3) }],
    );
    feed.take(0, many(4, 2));
    assert.deepEqual(await page.until('events'), { kind: 'events', events: ofFirst(many(4, 2)) });
    assert.deepEqual((await page.until('totals')).totals, [TOTALS]);
  });

  it('gives a page that comes late the state that its first event changes', async (t) => {
    const { feed, watch } = await serve(t);
    const all = many(1, 25_000);
    feed.take(0, all);
    const [beginning] = (await (await watch()).until('begin')).servers as [never];
    const { state: data, events } = beginning as { state: never; events: LifecycleEvent[] };
    assert.ok(events.length < 11_000, `${events.length} events`);
    const state = ServerState.fromData(data);
    for (const event of events) state.apply(event);
    const whole = new ServerState();
    for (const event of all) whole.apply(event);
    // It went through JSON, where a field without a value is no field.
    assert.equal(JSON.stringify(state.toData()), JSON.stringify(whole.toData()));
  });

  it('leaves out events that come too fast, says how many, and gives the state after them', async (t) => {
    const { feed, watch } = await serve(t);
    const page = await watch();
    await page.until('begin');
    feed.take(0, many(1, 5000));
    const gap = await page.until('gap');
    assert.equal(gap.events, 5000);
    assert.equal(ServerState.fromData(gap.state).connections.size, 5000);
  });

  it('keeps the order of several servers, and tells what begins between their events', async (t) => {
    const servers = ['blocking', 'evented'].map((name) => ({ name, mode: name }));
    const feed = new Feed(servers, () => 12);
    const page = await PageServer.listen('<p>page</p>', feed, 0);
    t.after(() => page.close());
    const early = await watch(page.port);
    await early.until('begin');
    const [first, second, third] = many(1, 3) as [LifecycleEvent, LifecycleEvent, LifecycleEvent];
    feed.take(1, [first]);
    feed.take(0, [second]);
    feed.step({ at: 3, text: 'a step' });
    feed.take(1, [third]);
    feed.end();
    await early.until('ended');
    assert.deepEqual(
      early.messages.filter(({ kind }) => kind !== 'totals' && kind !== 'begin'),
      [
        {
          kind: 'events',
          events: [
            { server: 1, event: first },
            { server: 0, event: second },
          ],
        },
        { kind: 'step', step: { at: 3, text: 'a step', number: 1 } },
        { kind: 'events', events: [{ server: 1, event: third }] },
        { kind: 'ended' },
      ],
    );
    const { steps, ended } = await (await watch(page.port)).until('begin');
    assert.deepEqual({ steps, ended }, { steps: [{ at: 3, text: 'a step', number: 1 }], ended: true });
  });

  it('keeps the newest 1,000 steps for a page that comes late, with their numbers', () => {
    const feed = new Feed([{ name: 'evented', mode: 'evented' }], () => 0);
    for (let at = 1; at <= 1005; at++) feed.step({ at, text: `step at ${at}` });
    feed.listen((message) => {
      assert.ok(message.kind === 'begin');
      assert.equal(message.steps.length, 1000);
      assert.deepEqual(message.steps[0], { at: 6, text: 'step at 6', number: 6 });
    })();
  });

  it('is the same for each of several pages', async (t) => {
    const { feed, watch } = await serve(t);
    const pages = await Promise.all([watch(), watch(), watch()]);
    for (const page of pages) await page.until('begin');
    feed.take(0, many(1, 2));
    for (const page of pages) assert.deepEqual((await page.until('events')).events, ofFirst(many(1, 2)));
  });

  it('does not wait for a page that does not read, which begins anew when it does', async (t) => {
    const { feed, port, watch } = await serve(t);
    const stalled = connect(port, '127.0.0.1');
    t.after(() => stalled.destroy());
    stalled.write('GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await once(stalled, 'data');
    stalled.pause();
    const reading = await watch();
    await reading.until('begin');
    // As many as no socket holds.
    for (let i = 0; i < 60; i++) {
      feed.take(0, many(1, 1000));
      await reading.until('gap');
    }
    let text = '';
    stalled.on('data', (piece) => {
      text += piece;
    });
    stalled.resume();
    while (text.split('"kind":"begin"').length < 2) await once(stalled, 'data');
  });
});

describe('a live page', LIMIT, () => {
  it('is given to those who open it by an address of this machine', async (t) => {
    const { port } = await serve(t);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
      const response = await request(port, '/', { host });
      assert.equal(response.statusCode, 200);
      assert.equal(response.headers['access-control-allow-origin'], undefined);
    }
  });

  const REFUSED: readonly (readonly [
    what: string,
    path: string,
    headers: object,
    method: string,
    status: number,
  ])[] = [
    ['under a name that only leads here', '/', { host: 'evil.example' }, 'GET', 403],
    ['to the stream under such a name', '/events', { host: 'evil.example:80' }, 'GET', 403],
    ['to the stream from another site', '/events', { 'sec-fetch-site': 'cross-site' }, 'GET', 403],
    ['to the stream from another port', '/events', { 'sec-fetch-site': 'same-site' }, 'GET', 403],
    ['to write', '/events', {}, 'POST', 405],
    ['for something else', '/etc/passwd', {}, 'GET', 404],
  ];
  for (const [what, path, headers, method, status] of REFUSED) {
    it(`is refused with ${status} to a request ${what}`, async (t) => {
      const { port } = await serve(t);
      assert.equal((await request(port, path, headers, method)).statusCode, status);
    });
  }

  it('is watched by no more than 64 at once', async (t) => {
    const { port } = await serve(t);
    for (let i = 0; i < 64; i++) assert.equal((await request(port, '/events')).statusCode, 200);
    assert.equal((await request(port, '/events')).statusCode, 503);
  });
});
