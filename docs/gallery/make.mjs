// Makes the gallery, a page for each scenario, from real runs: `npm run build && node docs/gallery/make.mjs [SCENARIO...]`

import { writeFileSync } from 'node:fs';
import { compare, UNOBSERVED } from '../../build/src/compare/compare.js';
import { playerPage } from '../../build/src/compare/report/report.js';
import { loadScenario, scenarioNames } from '../../build/src/compare/scenario.js';

/** Bytes. A page is to be sent by mail and opened on a phone. */
const MOST_BYTES = 300_000;
const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : scenarioNames()) {
  const scenario = await loadScenario(name);
  const modes = scenario.modes ?? ['blocking', 'evented'];
  const options = { name, scenario, modes, port: 0, connections: 20 };
  const { models } = await compare(options, UNOBSERVED, new AbortController().signal);
  const page = (share) => {
    const servers = models.map(({ mode, events }) => ({
      name: mode,
      mode,
      events: events.slice(0, Math.ceil(events.length * share)),
    }));
    return playerPage(`${name}: ${scenario.question}`, { servers });
  };
  // A run with more events than fit is cut off at its end.
  let share = 1;
  while (page(share).length > MOST_BYTES) share *= 0.9;
  writeFileSync(new URL(`${name}.html`, import.meta.url), page(share));
  console.log(
    `${name}: ${page(share).length} bytes${share < 1 ? `, the first ${Math.round(share * 100)} %` : ''}`,
  );
}
