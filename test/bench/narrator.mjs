// `npm run bench -- narrator`: how many events a second one CPU can tell, read back, and make lines of.
// The program's own reporter, decoder and sinks, on the events of real requests, without a server.

import { fileURLToPath } from 'node:url';
import { LOAD_CPU, on } from './machine.mjs';
import { run } from './processes.mjs';
import { figure, median, progress, table, whole } from './table.mjs';

const WORKER = fileURLToPath(new URL('./narrate.mjs', import.meta.url));

/** @typedef {{ step: string, events: number, seconds: number, perRequest: number }} Step */

export async function narrator(/** @type {import('./run.mjs').Options} */ { rounds, seconds }) {
  console.log(
    `${rounds} rounds of ${seconds} s a step, on ${LOAD_CPU === undefined ? 'any CPU' : `CPU ${LOAD_CPU} alone`}`,
  );
  /** @type {Map<string, Step[]>} */
  const steps = new Map();
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round}`);
    const printed = await run(on(LOAD_CPU, [process.execPath, WORKER, String(seconds)]), 60 + 12 * seconds);
    for (const step of /** @type {Step[]} */ (JSON.parse(printed))) {
      steps.set(step.step, [...(steps.get(step.step) ?? []), step]);
    }
  }
  progress('');
  const rows = [...steps].map(([name, measured]) => {
    const rate = median(measured.map(({ events, seconds: took }) => events / took)) ?? 0;
    return [name, figure(1e6 / rate), whole(rate), whole(rate / measured[0].perRequest)];
  });
  const perRequest = [...steps.values()][0][0].perRequest;
  console.log(`a request over a connection of its own is ${perRequest} events\n`);
  console.log(table(['step', 'us per\nevent', 'events\nper s', 'such requests\nper s'], rows));
}
