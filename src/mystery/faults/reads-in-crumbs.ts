// recv is called with room for a byte or a few: a request costs as many calls as it has bytes.

import type { Connection } from '../../net/connection.js';
import { numberIn } from '../evidence.js';
import { type Fault, keptAlive, ONE_THREAD } from '../fault.js';
import { OtherCalls } from '../other-calls.js';

class ReadsInCrumbs extends OtherCalls {
  override recv(c: Connection, buffer: Uint8Array): number {
    return super.recv(c, buffer.subarray(0, this.amount));
  }
}

export const readsInCrumbs: Fault = {
  name: 'reads-in-crumbs',
  claim: 'It reads a request a few bytes at a time.',
  sign: 'strace -c would count many more recvfrom than requests, and every request would take more CPU the longer its head is.',
  question: 'How many bytes does it receive at most with one call?',
  servers: [...ONE_THREAD, ...keptAlive(ONE_THREAD)],
  amounts: [1, 2, 3, 4, 5, 7],
  Calls: ReadsInCrumbs,
  evidence: (room) => numberIn(room, room === 1 ? 'byte' : 'bytes'),
  cause: (room) =>
    `recv is called with room for ${room === 1 ? 'one byte' : `${room} bytes`}. Each call costs as much as one for a whole request.`,
  looks: [['strace -f -p $PID -e trace=recvfrom', 'a line for each bit of the request']],
};
