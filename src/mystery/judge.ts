// Whether a diagnosis and its evidence are those of a mystery. Which of the two is wrong stays open: nobody gets there by
// trying all names.

import type { Diagnosis } from './fault.js';
import type { Mystery } from './mystery.js';

export function isProven({ fault, amount }: Mystery, { name }: Diagnosis, evidence: string): boolean {
  return fault.name === name && fault.evidence(amount).accepts(evidence);
}
