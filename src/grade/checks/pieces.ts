// A request that comes in pieces: byte by byte, and cut in two at each place. TCP is a stream of bytes, not of messages.

import { setTimeout as delay } from 'node:timers/promises';
import { check } from '../check.js';
import type { GradeClient } from '../client.js';
import { Failure } from '../failure.js';
import { someNumber, wholeNumber } from '../fields.js';
import type { Testbed } from '../testbed.js';

const LOOK =
  'Look at how the request is read: one recv may give any part of it, so receive again until the empty line is there, also where its \\r\\n\\r\\n is cut.';

/** A request is cut at about so many places, and at each one near the end of a line. */
const CUTS = 24;

export const pieces = check({
  name: 'pieces',
  title: 'a request in pieces is read to its end',
  limits: { pace: wholeNumber(10, 1, 1000), seconds: someNumber(5, 0.1, 60) },
  play: async (testbed, { pace, seconds }) => {
    const { request } = testbed;
    const story = `A client sent its request byte by byte, one every ${pace} ms.`;
    await sendInPieces(testbed, [...request], pace, story, seconds);
    for (const at of cutsOf(request)) {
      const parts = [request.slice(0, at), request.slice(at)];
      const cut = `A client sent the first ${at} of the ${request.length} bytes of its request, and ${pace} ms later the rest.`;
      await sendInPieces(testbed, parts, pace, cut, seconds);
    }
  },
});

async function sendInPieces(
  testbed: Testbed,
  parts: readonly string[],
  pace: number,
  story: string,
  seconds: number,
): Promise<void> {
  const client = testbed.client('the client that sent in pieces');
  let sent = 0;
  for (const part of parts) {
    if (sent > 0) await delay(pace);
    refuseEarly(client, sent, testbed.request.length);
    client.send(part);
    sent += part.length;
  }
  await testbed.goodReply(client, story, seconds, LOOK);
  client.close();
}

function refuseEarly(client: GradeClient, sent: number, all: number): void {
  if (client.bytesIn === 0 && client.isOpen) return;
  const what = client.bytesIn > 0 ? 'answered' : 'closed the connection';
  throw new Failure(
    `A client had sent ${sent} of the ${all} bytes of its request. The server ${what} before it had the rest. It has to wait for the empty line.`,
    LOOK,
  );
}

function cutsOf(request: string): number[] {
  const step = Math.ceil(request.length / CUTS);
  const all = Array.from({ length: request.length - 1 }, (_, i) => i + 1);
  return all.filter((at) => at % step === 0 || /[\r\n]/.test(request.slice(at - 1, at + 1)));
}
