// What limits mean for a class, on machines that this one is not.
// Stands beside src/doctor/max-threads.ts, memory.ts and descriptors.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainDescriptors, explainMemory } from '../../src/doctor/machine.js';
import { explainThreads } from '../../src/doctor/threads.js';
import { defaultMaxThreads, type ThreadLimits } from '../../src/models/blocking/max-threads.js';

const GIB = 1024 ** 3;
const LARGE: ThreadLimits = {
  memory: 64 * GIB,
  maps: 1_000_000,
  cgroupThreads: Number.POSITIVE_INFINITY,
  userThreads: Number.POSITIVE_INFINITY,
};

for (const [by, machine, threads, status] of [
  ['the most on any machine', LARGE, 512, 'ok'],
  ['a quarter of the memory', { ...LARGE, memory: 4 * GIB }, 128, 'ok'],
  ['half of vm.max_map_count', { ...LARGE, maps: 9_600 }, 100, 'ok'],
  ["half of what this control group's pids.max leaves", { ...LARGE, cgroupThreads: 41 }, 20, 'warning'],
  ['half of ulimit -u', { ...LARGE, userThreads: 90 }, 45, 'ok'],
  ['half of ulimit -u', { ...LARGE, userThreads: 1 }, 1, 'warning'],
] as const) {
  test(`${threads} threads by default: ${by}`, () => {
    const finding = explainThreads(machine);
    assert.equal(defaultMaxThreads(machine), threads);
    assert.ok(finding.found.startsWith(`--max-threads is ${threads} by default, ${by}`), finding.found);
    assert.equal(finding.status, status);
    assert.doesNotMatch(finding.found, /Infinity|NaN/);
  });
}

test('memory is told as what there is and what is free, with the limit of a control group', () => {
  const large = { total: 64 * GIB, usable: 64 * GIB, free: 50.5 * GIB };
  const { status, found } = explainMemory(large);
  assert.deepEqual([status, found], ['ok', '64.0 GiB; 50.5 GiB of it free']);
  const limited = explainMemory({ ...large, usable: GIB / 4 });
  assert.equal(limited.status, 'warning');
  assert.equal(
    limited.found,
    '256 MiB, the limit of this control group on a machine of 64.0 GiB; 50.5 GiB of the machine free',
  );
  assert.equal(explainMemory({ ...large, free: GIB / 8 }).status, 'warning');
});

test('descriptors are told as room for connections', () => {
  const status = (soft: number): string => explainDescriptors({ soft, hard: soft }).status;
  assert.match(
    explainDescriptors({ soft: 1_048_576, hard: 1_048_576 }).found,
    /room for about 1,048,536 conn/,
  );
  assert.match(
    explainDescriptors({ soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY }).found,
    /^ulimit -n is unlimited/,
  );
  assert.deepEqual([20_000, 500, 64, 10].map(status), ['ok', 'warning', 'failing', 'failing']);
});
