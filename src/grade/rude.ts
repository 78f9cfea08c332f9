// Clients that leave at each stage of a conversation, or send what is no request. Each costs at most its own connection.

import { count } from '../terminal/quantities.js';
import type { GradeClient } from './client.js';
import { requestFor } from './task.js';
import type { Testbed } from './testbed.js';

export interface RudeWay {
  /** The rest of a sentence that begins with how many clients. */
  readonly did: string;
  readonly act: (client: GradeClient, testbed: Testbed, patienceMs: number) => Promise<void>;
}

/** Clients that are rude at the same time, for each way once; after each way one asks. */
export async function visitRudely(
  testbed: Testbed,
  ways: readonly RudeWay[],
  clients: number,
  seconds: number,
  look: string,
): Promise<void> {
  for (const { did, act } of ways) {
    const story = `${count(clients, 'client')} ${did}.`;
    // All connect before the first is rude: while the server serves one, the others leave its queue.
    const group = await testbed.connect(clients, 'client', story, seconds);
    await Promise.all(group.map((client) => act(client, testbed, seconds * 1000)));
    await testbed.ask(`${story} Then a client sent a request.`, seconds, look);
  }
}

const half = (request: string): string => request.slice(0, Math.ceil(request.length / 2));

export const BEFORE_REQUEST: RudeWay = {
  did: 'connected and reset the connection at once',
  act: async (client) => client.reset(),
};

const AMID_REQUEST: RudeWay = {
  did: 'sent half of a request and reset the connection',
  act: async (client, testbed) => {
    client.send(half(testbed.request));
    client.reset();
  },
};

const AFTER_REQUEST: RudeWay = {
  did: 'sent a request and reset the connection at once',
  act: async (client, testbed) => {
    client.send(testbed.request);
    client.reset();
  },
};

/** After a FIN the first send(2) already raises SIGPIPE; after a RST alone it gives ECONNRESET, and the second one raises it. */
const AFTER_FIN: RudeWay = {
  did: 'sent a request, ended their side and reset the connection',
  act: async (client, testbed) => {
    client.send(testbed.request);
    await client.finish();
    client.reset();
  },
};

const AMID_REPLY: RudeWay = {
  did: 'reset the connection when the first byte of the reply came',
  act: async (client, testbed, patienceMs) => {
    await firstByte(client, testbed, patienceMs);
    client.reset();
  },
};

/** A large reply is still waiting for room then: however fast the server is, its next send(2) raises SIGPIPE. */
const AMID_REPLY_AFTER_FIN: RudeWay = {
  did: 'read the first bytes of the reply, ended their side and reset the connection',
  act: async (client, testbed, patienceMs) => {
    client.pauseAfterFirst();
    await firstByte(client, testbed, patienceMs);
    await client.finish();
    client.reset();
  },
};

async function firstByte(client: GradeClient, { task, server }: Testbed, patienceMs: number): Promise<void> {
  client.send(requestFor(task, task.big?.path ?? task.path, server.where));
  await client.reply(patienceMs, () => client.bytesIn > 0);
}

/** All that end in a reset, in the order of a conversation. */
export const RESETS: readonly RudeWay[] = [
  BEFORE_REQUEST,
  AMID_REQUEST,
  AFTER_REQUEST,
  AFTER_FIN,
  AMID_REPLY,
  AMID_REPLY_AFTER_FIN,
];

export const LEFT: RudeWay = {
  did: 'connected and closed without a word',
  act: async (client) => client.close(),
};

export const LEFT_AMID_REQUEST: RudeWay = {
  did: 'sent half of a request and closed',
  act: async (client, testbed) => {
    client.send(half(testbed.request));
    await client.finish();
    client.close();
  },
};

export const NO_REQUEST: RudeWay = {
  did: 'sent bytes that are no request and closed',
  act: async (client) => {
    client.send(Buffer.from(`${'\0\xff\x80\r'.repeat(64)}\r\n\r\n`, 'latin1'));
    await client.finish();
    client.close();
  },
};

export const LONG_HEAD: RudeWay = {
  did: 'sent 100,000 bytes without an empty line and closed',
  act: async (client, testbed, patienceMs) => {
    client.send(`${testbed.request.slice(0, 16)}${'x'.repeat(100_000)}`);
    await Promise.race([client.finish(), client.reply(patienceMs)]);
    client.close();
  },
};
