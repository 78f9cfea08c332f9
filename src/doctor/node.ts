// Node itself: the oldest that is served is the one that package.json names.

import { systemName } from '../posix/platform.js';
import { RUNTIME, RUNTIME_AND_VERSION } from '../posix/runtime.js';
import { type Check, failing, ok, warning } from './finding.js';

const OLDEST = 20;

export const node: Check = async () => {
  const on = `on ${systemName()}, ${process.arch}`;
  if (RUNTIME !== 'Node')
    return [
      warning(
        'node',
        `not Node, but ${RUNTIME_AND_VERSION} ${on}`,
        'run it with Node: nothing else is tested',
      ),
    ];
  const found = `${process.version} ${on}`;
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= OLDEST) return [ok('node', found)];
  return [failing('node', found, `install Node ${OLDEST} or later: https://nodejs.org/`)];
};
