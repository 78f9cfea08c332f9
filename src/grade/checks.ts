// All checks, from the easy ones on.

import type { Check } from './check.js';
import { answers } from './checks/answers.js';
import { connections } from './checks/connections.js';
import { halfClose } from './checks/half-close.js';
import { leaks } from './checks/leaks.js';
import { pieces } from './checks/pieces.js';
import { reset } from './checks/reset.js';
import { silent } from './checks/silent.js';
import { slowReaders } from './checks/slow-readers.js';
import { slowSenders } from './checks/slow-senders.js';
import { survives } from './checks/survives.js';

export const CHECKS: readonly Check[] = [
  answers,
  pieces,
  halfClose,
  reset,
  silent,
  slowSenders,
  slowReaders,
  connections,
  leaks,
  survives,
];
