// All that is looked at before a class, in the order in which it is told.

import { addresses } from './addresses.js';
import { descriptors } from './descriptors.js';
import { engine } from './engine.js';
import type { Asked, Check, Finding } from './finding.js';
import { ipv6 } from './ipv6.js';
import { maxThreads } from './max-threads.js';
import { memory } from './memory.js';
import { node } from './node.js';
import { port } from './port.js';
import { terminal } from './terminal.js';
import { thread } from './thread.js';
import { tools } from './tools.js';
import { walkthroughs } from './walkthroughs.js';

const CHECKS: readonly Check[] = [
  node,
  engine,
  thread,
  memory,
  maxThreads,
  descriptors,
  port,
  ipv6,
  addresses,
  terminal,
  tools,
  walkthroughs,
];

/** One after the other, so that none is in another's way. */
export async function examine(asked: Asked): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of CHECKS) findings.push(...(await check(asked)));
  return findings;
}
