// Clients that come and go in each way: afterwards a server has what it had before.

import { until } from '../../posix/descendants.js';
import { count, number } from '../../terminal/quantities.js';
import { type Belongings, belongingsOf } from '../belongings.js';
import { check } from '../check.js';
import { Failure } from '../failure.js';
import { someNumber, wholeNumber } from '../fields.js';
import { BEFORE_REQUEST, LEFT, LEFT_AMID_REQUEST, type RudeWay } from '../rude.js';
import type { Testbed } from '../testbed.js';

const ANSWERED: RudeWay = {
  did: 'sent a request and read the reply',
  act: async (client, testbed, patienceMs) => {
    client.send(testbed.request);
    await client.reply(patienceMs);
    client.close();
  },
};

const KINDS: readonly [kind: keyof Belongings, one: string, look: string][] = [
  [
    'descriptors',
    'descriptor',
    'Look for the way through your code on which close is forgotten. `ls -l /proc/PID/fd` lists what is open.',
  ],
  ['threads', 'thread', 'Look for threads that wait for a client that has gone.'],
  [
    'zombies',
    'ended child process',
    'Look for the children that nobody waits for: wait4 with WNOHANG, or ignore SIGCHLD.',
  ],
];

/** It has come to rest where it has the same so many times in a row. */
const AT_REST = 5;

export const leaks = check({
  name: 'leaks',
  title: 'what a client took is given back',
  limits: { clients: wholeNumber(10, 4, 500), seconds: someNumber(5, 0.1, 60) },
  play: async (testbed, { clients, seconds }) => {
    for (const way of [ANSWERED, LEFT, LEFT_AMID_REQUEST, BEFORE_REQUEST]) {
      // The first clients may start threads, or load what is then kept.
      await comeAndGo(testbed, way, clients, seconds);
      const before = await atRest(testbed, seconds);
      await comeAndGo(testbed, way, clients, seconds);
      const isBack = ([kind]: (typeof KINDS)[number]): boolean =>
        belongings(testbed)[kind] < before[kind] + clients / 2;
      if (await until(() => KINDS.every(isBack), seconds * 1000)) continue;
      const after = belongings(testbed);
      const [kind, one, look] = KINDS.find((each) => !isBack(each)) ?? KINDS[0]!;
      throw new Failure(
        `${count(clients, 'client')} ${way.did}. ${count(seconds, 'second')} later the server had ${count(after[kind], one, one.endsWith('process') ? `${one}es` : `${one}s`)}, and ${number(before[kind])} before they came. It has to be as many as before.`,
        look,
      );
    }
  },
});

const belongings = (testbed: Testbed): Belongings => belongingsOf(testbed.server.pids);

async function comeAndGo(
  testbed: Testbed,
  { did, act }: RudeWay,
  clients: number,
  seconds: number,
): Promise<void> {
  const story = `${count(clients, 'client')} ${did}, one after the other.`;
  for (let i = 1; i <= clients; i++) {
    const [client] = await testbed.connect(1, 'client', story, seconds);
    await act(client!, testbed, seconds * 1000);
  }
  // Its answer shows that the server has accepted those before it: none is still to come when we count.
  await testbed.ask(
    `${story} Then a client sent a request.`,
    seconds,
    'Look at what a client leaves behind.',
  );
}

async function atRest(testbed: Testbed, seconds: number): Promise<Belongings> {
  let last = belongings(testbed);
  let same = 0;
  await until(() => {
    const now = belongings(testbed);
    same = KINDS.every(([kind]) => now[kind] === last[kind]) ? same + 1 : 0;
    last = now;
    return same >= AT_REST;
  }, seconds * 1000);
  return last;
}
