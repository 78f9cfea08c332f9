// The trace of real servers: whatever begins ends, and no thread does two things at once.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { LifecycleEvent } from '../../src/lifecycle/events.js';
import { type Trace, traceOf } from '../../src/pictures/trace.js';
import { record } from '../compare/report/recorded.js';

type TraceEvent = Trace['traceEvents'][number];

describe('the trace of a blocking and of an evented server', () => {
  let servers: { events: readonly LifecycleEvent[]; trace: readonly TraceEvent[] }[];
  before(async () => {
    const { comparison } = await record();
    servers = comparison.models.map(({ mode, events }) => {
      const run = { title: mode, servers: [{ name: mode, events, moments: [] }], steps: [] };
      return { events, trace: traceOf(run).traceEvents };
    });
  });

  it('has a named track for each thread, on which nothing overlaps', () => {
    for (const { events, trace } of servers) {
      const threads = new Set(events.map(({ thread }) => thread).filter((name) => name !== 'main'));
      const names = trace
        .filter(({ name }) => name === 'thread_name')
        .map(({ args }) => (args as { name: string }).name);
      assert.deepEqual(new Set(names), threads);
      for (const tid of new Set(trace.map((each) => each.tid))) {
        let end = Number.NEGATIVE_INFINITY;
        for (const { ts, dur } of trace.filter((each) => each.ph === 'X' && each.tid === tid)) {
          assert.ok(ts! >= end && dur! > 0);
          end = ts! + dur!;
        }
      }
    }
  });

  it('keeps two recordings apart whose servers had the same pid', () => {
    const server = { name: 'evented', events: servers[0]!.events, moments: [] };
    const { traceEvents } = traceOf({ title: 'two', servers: [server, server], steps: [] });
    const named = traceEvents.filter(({ name }) => name === 'process_name');
    assert.equal(new Set(named.map(({ pid }) => pid)).size, 2);
  });

  it('ends on each track of a connection what began there, the inner before the outer', () => {
    for (const { events, trace } of servers) {
      const accepted = events.filter(({ event }) => event === 'accepted').length;
      assert.ok(accepted >= 3);
      const open = new Map<string, string[]>();
      let begun = 0;
      for (const { ph, id, name } of trace) {
        if (ph !== 'b' && ph !== 'e') continue;
        const stack = open.get(id!) ?? [];
        open.set(id!, stack);
        if (ph === 'b') begun++;
        if (ph === 'b') stack.push(name);
        else assert.equal(stack.pop(), name);
      }
      assert.deepEqual([...open.values()].flat(), []);
      assert.equal(open.size, accepted);
      assert.ok(begun > accepted * 2);
    }
  });

  it('draws an arrow from the acceptor to the thread that serves the connection, and each arrow has one start and one end', () => {
    const [{ trace, events }] = servers as [(typeof servers)[number]];
    const arrows = byId(trace.filter(({ ph }) => 'stf'.includes(ph)));
    assert.ok(arrows.size > 0);
    const acceptor = events.find(({ thread }) => thread === 'acceptor')!.tid;
    for (const steps of arrows.values()) {
      assert.equal(steps[0]!.ph, 's');
      assert.equal(steps.at(-1)!.ph, 'f');
      assert.ok(steps.slice(1, -1).every(({ ph }) => ph === 't'));
      assert.equal(steps[0]!.tid, acceptor);
      assert.notEqual(steps.at(-1)!.tid, acceptor);
    }
  });
});

function byId(all: readonly TraceEvent[]): Map<string | undefined, TraceEvent[]> {
  const groups = new Map<string | undefined, TraceEvent[]>();
  for (const each of all) groups.set(each.id, [...(groups.get(each.id) ?? []), each]);
  return groups;
}
