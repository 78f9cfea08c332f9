// Loaded before a program of ours (node --import): from then on it reports nothing but that it listens.
// For test/models/unreported.test.ts, which needs to know the port.

import { Reporter } from '../../src/lifecycle/reporter.js';
import './unbundled.js';

const methods = Reporter.prototype as unknown as Record<string, () => number>;
for (const name of Object.getOwnPropertyNames(methods)) {
  if (name !== 'constructor' && name !== 'listening') methods[name] = () => 0;
}
