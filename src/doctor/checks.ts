// All checks before a class, in the order in which they are shown.

import type { Asked, Finding, MachineCheck } from './finding.js';
import { descriptors, engine, ioUring, memory, node } from './machine.js';
import { addresses, ipv6, port } from './network.js';
import { terminal } from './terminal.js';
import { maxThreads, thread } from './threads.js';
import { tools } from './tools.js';
import { walkthroughs } from './walkthroughs.js';

const CHECKS: readonly MachineCheck[] = [
  node,
  engine,
  ioUring,
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

/** One after the other, so that no check disturbs another. */
export async function examine(asked: Asked): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of CHECKS) findings.push(...(await check(asked)));
  return findings;
}
