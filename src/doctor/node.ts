// Node itself: the oldest that is served is the one that package.json names.

import { systemName } from '../posix/platform.js';
import { type Check, failing, ok } from './finding.js';

const OLDEST = 20;

export const node: Check = async () => {
  const found = `${process.version} on ${systemName()}, ${process.arch}`;
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= OLDEST) return [ok('node', found)];
  return [failing('node', found, `install Node ${OLDEST} or later: https://nodejs.org/`)];
};
