// Clients that a good server copes with: quick ones, silent ones, slow ones, and those that end only their own side.

import { setTimeout as pause } from 'node:timers/promises';
import { ask, Client, get } from '../support/client.js';

const LONG = `${get('/').slice(0, -2)}X: ${'x'.repeat(600)}\r\n\r\n`;

/** A byte or so at a time. */
async function slowly(port: number, apartMs: number): Promise<void> {
  const client = await Client.connect(port);
  for (const byte of get('/')) {
    client.send(byte);
    await pause(apartMs);
  }
  await client.rest();
}

/** Sends its request and the end of its side at once, as `nc -N` does. */
async function halfClosing(port: number): Promise<void> {
  const client = await Client.connect(port);
  client.socket.end(get('/'));
  await client.rest();
}

async function leaving(port: number): Promise<void> {
  const client = await Client.connect(port);
  client.send('GET /');
  client.socket.destroy();
  await client.closed;
}

async function resetting(port: number): Promise<void> {
  const client = await Client.connect(port);
  client.send('GET / HTTP/1.1\r\n');
  client.reset();
  await client.closed;
}

/** Asks for much, and reads it late. */
async function readingLate(port: number, target: string): Promise<void> {
  const client = await Client.connect(port);
  client.socket.pause();
  client.send(get(target));
  await pause(300);
  client.socket.resume();
  await client.rest();
}

/** Until `isOver`: one after the other, or all at once beside two that stay silent. `big`: a path with a long reply. */
export async function everyKind(
  port: number,
  isOver: () => boolean,
  together: boolean,
  big = '/',
): Promise<void> {
  const silent = together ? await Promise.all([Client.connect(port), Client.connect(port)]) : [];
  const one = [
    () => ask(port, get('/')),
    () => ask(port, LONG),
    () => halfClosing(port),
    () => leaving(port),
    () => resetting(port),
    () => readingLate(port, big),
    () => slowly(port, 10),
  ];
  do {
    if (together) await Promise.all(one.map((behave) => behave()));
    else for (const behave of one) await behave();
    await pause(100);
  } while (!isOver());
  for (const client of silent) client.socket.destroy();
}
