// Makes the README's pictures, light and dark, from one real run: `npm run build && node docs/pictures/make.mjs`

import { writeFileSync } from 'node:fs';
import { compare, UNOBSERVED } from '../../build/src/compare/compare.js';
import { pictureOf } from '../../build/src/compare/report/picture.js';
import { loadScenario } from '../../build/src/compare/scenario.js';

const options = {
  name: 'silent',
  scenario: await loadScenario('silent'),
  modes: ['blocking', 'evented'],
  port: 0,
  connections: 100,
};
const comparison = await compare(options, UNOBSERVED, new AbortController().signal);
// The first step only starts the threads.
const [, silent, , leave] = comparison.steps;
const span = { from: silent.at - 20_000, to: leave.at + 40_000 };
for (const theme of ['light', 'dark']) {
  const file = new URL(`silent-${theme}.svg`, import.meta.url);
  writeFileSync(
    file,
    pictureOf(comparison, 'Four clients connect and say nothing. Then a fifth asks.', span, theme),
  );
}
