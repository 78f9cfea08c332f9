// Where a server thread gets the calls that have a fault. It is loaded by a thread of `serve --mystery` alone.

import type { HiddenFault } from '../models/options.js';
import type { CallsClass } from '../models/server-thread.js';
import { FAULTS } from './faults.js';

export function callsWith({ name }: HiddenFault): CallsClass {
  const fault = FAULTS.find((each) => each.name === name);
  if (fault === undefined) throw new Error(`no fault is named ${name}`);
  return fault.Calls;
}
