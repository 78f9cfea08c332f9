// Each rule finds a small server with its fault, and says nothing else about it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventOf, LifecycleEvent } from '../../src/lifecycle/events.js';
import { ask, Client, get } from '../support/client.js';
import { LIMIT } from '../support/limit.js';
import { missing } from '../support/tools.js';
import { compiled, Watched } from './watched.js';

const NEEDS = { skip: missing('strace') || missing('gcc'), ...LIMIT };

interface Case {
  readonly server: 'loop' | 'blocking';
  readonly fault: string;
  readonly rule: string;
  /** What the advice says happened. */
  readonly happened: RegExp;
  readonly clients: (port: number, watched: Watched) => Promise<unknown>;
  /** Another rule that may rightly speak about this server. */
  readonly also?: string;
}

const connect = (port: number): Promise<Client> => Client.connect(port);
const request = async (port: number, target = '/'): Promise<Client> => {
  const client = await connect(port);
  client.send(get(target));
  return client;
};
const leave = async (client: Promise<Client>): Promise<unknown> => (await client).socket.destroy();

/** One that sends nothing, and three that want an answer. */
async function oneSilent(port: number): Promise<void> {
  await connect(port);
  for (let i = 0; i < 3; i++)
    void Client.connect(port).then(
      (client) => client.send(get('/')),
      () => {},
    );
}

/** One of three is taken. A fourth comes and one more is taken: two are left again, so no event tells it. */
async function threeAndOneMore(port: number, watched: Watched): Promise<void> {
  await Promise.all([connect(port), connect(port), connect(port)]);
  await watched.first(
    (event): event is EventOf<'accept-queue'> => event.event === 'accept-queue' && event.length === 2,
  );
  await connect(port);
}

const CASES: readonly Case[] = [
  {
    server: 'loop',
    fault: 'never-closed',
    rule: 'never-closed',
    happened:
      /^the client of #\d \(fd \d\) closed its side [\d.]+ s ago, and the server has not closed its own\. So it is with 2 connections$/,
    clients: (port) => Promise.all([leave(connect(port)), leave(connect(port))]),
  },
  {
    server: 'blocking',
    fault: 'parent-keeps',
    rule: 'never-closed',
    happened:
      /^the process that served #1 \(fd 4\) has ended, but another process still has the connection open$/,
    clients: (port) => request(port),
  },
  {
    server: 'blocking',
    fault: 'none',
    rule: 'sleeps-for-one',
    happened: /^thread server has slept in recv on fd 4 for [\d.]+ s, for #1 alone, while 3 clients wait$/,
    clients: oneSilent,
  },
  {
    server: 'loop',
    fault: 'always-writable',
    rule: 'busy-loop',
    happened:
      /^in [\d.]+ m?s the loop was told 100 times in a row that #1 \(fd 5\) is ready \(EPOLLOUT\), and it had nothing to send$/,
    clients: connect,
  },
  {
    server: 'loop',
    fault: 'end-ignored',
    rule: 'busy-loop',
    happened: /#1 \(fd 5\) is ready \(EPOLLIN\), and it did nothing about it$/,
    clients: (port) => leave(connect(port)),
  },
  {
    server: 'loop',
    fault: 'edge-missed',
    rule: 'edge-missed',
    happened:
      /^#1 \(fd 5\) is edge-triggered \(EPOLLET\); its last recv filled a buffer of 64 bytes, 233 bytes are still unread, and the loop sleeps$/,
    clients: (port) => request(port, `/${'x'.repeat(262)}`),
  },
  {
    server: 'loop',
    fault: 'edge-of-listener',
    rule: 'edge-missed',
    happened:
      /^the listener, fd 3, is edge-triggered \(EPOLLET\); 2 clients are still in its accept queue, and the loop sleeps$/,
    clients: threeAndOneMore,
  },
  {
    server: 'loop',
    fault: 'short-send',
    rule: 'short-send',
    happened:
      /^send on #1 \(fd 5\) took [\d,]+ of 33,554,432 bytes; the server took that for all, then it closed the connection$/,
    clients: async (port) => (await request(port, '/big')).socket.pause(),
  },
  {
    server: 'loop',
    fault: 'eagain-closes',
    rule: 'taken-for-the-end',
    happened:
      /^recv on #1 \(fd 5\) gave EAGAIN \(there is nothing yet\), and the server closed the connection at once$/,
    clients: connect,
  },
  {
    server: 'loop',
    fault: 'eagain-ends',
    rule: 'taken-for-the-end',
    happened: /^accept4 gave EAGAIN \(there is nothing yet\), and the server ended at once$/,
    clients: connect,
  },
  {
    server: 'blocking',
    fault: 'eintr-closes',
    rule: 'taken-for-the-end',
    happened:
      /^recv on #1 \(fd 4\) gave EINTR \(a signal came\), and the server closed the connection at once$/,
    clients: connect,
  },
  {
    server: 'blocking',
    fault: 'eintr-ends',
    rule: 'taken-for-the-end',
    happened: /^accept4 gave EINTR \(a signal came\), and the server ended at once$/,
    clients: async () => {},
  },
  {
    server: 'blocking',
    fault: 'sigpipe',
    rule: 'killed-by-sigpipe',
    happened: /^SIGPIPE killed the server: it sent to #1 \(fd 4\) after that client had gone$/,
    clients: (port) => leave(request(port)),
  },
  {
    server: 'blocking',
    fault: 'no-reuse-address',
    rule: 'no-reuse-address',
    happened: /^the server listens on port \d+ and has not set SO_REUSEADDR$/,
    clients: async () => {},
  },
  {
    server: 'blocking',
    fault: 'backlog-full',
    rule: 'backlog-full',
    also: 'sleeps-for-one',
    happened:
      /^the accept queue of fd 3 is full: 2 clients, with a backlog of 1\. The kernel has dropped \d+ attempts? to connect$/,
    clients: oneSilent,
  },
  {
    server: 'blocking',
    fault: 'descriptors-pile-up',
    rule: 'descriptors-pile-up',
    happened:
      /^while \d+ connections were closed, process \d+ got \d+ more descriptors that are no connections\. Of all \d+ such descriptors \d+ are: \/dev\/null$/,
    clients: async (port, watched) => {
      while (!watched.rules.includes('descriptors-pile-up')) await ask(port, get('/'));
    },
  },
  {
    server: 'blocking',
    fault: 'one-byte-reads',
    rule: 'one-byte-reads',
    happened: /^recv on #1 \(fd 4\) has asked for a single byte 16 times in a row$/,
    clients: (port) => ask(port, get('/')),
  },
];

describe('advice', { concurrency: 6, ...NEEDS }, () => {
  const programs = NEEDS.skip ? {} : compiled(['loop', 'blocking']);
  for (const { server, fault, rule, happened, clients, also } of CASES) {
    it(`${rule}: ${server} ${fault}`, LIMIT, async () => {
      const watched = new Watched([programs[server]!, '0', fault]);
      await clients(await watched.port(), watched);
      const isIt = (event: LifecycleEvent): event is EventOf<'advice'> =>
        event.event === 'advice' && event.rule === rule;
      const advice = await watched.first(isIt);
      await watched.stop();
      assert.match(advice.happened, happened);
      assert.deepEqual(
        watched.rules.filter((each) => each !== also),
        [rule],
      );
    });
  }
});
