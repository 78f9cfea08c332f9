// docs/events.md beside the table of events that the types follow from: every event and every field, both ways.
// Of the server's events; its part about the client's side is another story.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EVENTS, type EventName } from '../../src/lifecycle/events.js';

const text = readFileSync(fileURLToPath(new URL('../../../docs/events.md', import.meta.url)), 'utf8');
const [server] = text.split("\n## The client's side") as [string];
const COMMON = ['at', 'event', 'thread', 'tid'];
/** Only where a child process reports. */
const OF_CHILD = 'pid';
/** The document explains these once for all events that have them. */
const WHOSE = ['connection', 'fd'];

const inBackticks = (words: string): string[] => [...words.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);

/** A section of the document: the events in its heading, and its text. */
const sections = server
  .split(/^### /m)
  .slice(1)
  .map((section) => {
    const [heading, ...rest] = section.split('\n');
    return { events: inBackticks(heading!), body: rest.join('\n') };
  })
  .filter(({ events }) => events.length > 0);

/** The fields that a section's list has for this event: - `field`, `field` (`event`, ...): ... */
function documentedFields(event: string): string[] {
  const { events, body } = sections.find((each) => each.events.includes(event))!;
  return [...body.matchAll(/^- ((?:`\w+`(?:, )?)+)(?: \(([^)]*)\))?[:,]/gm)].flatMap(
    ([, fields, only = '']) => {
      const others = inBackticks(only).filter((name) => events.includes(name));
      return others.length === 0 || others.includes(event) ? inBackticks(fields!) : [];
    },
  );
}

const fieldsOf = (event: EventName): [string, { optional?: boolean }][] => Object.entries(EVENTS[event]);
const names = Object.keys(EVENTS) as EventName[];

it('the document has a section for each event, and none for another', () => {
  assert.deepEqual(sections.flatMap(({ events }) => events).toSorted(), names.toSorted());
});

it('what every event has is in the first table', () => {
  const first = [...server.matchAll(/^\| `(\w+)` \|/gm)].slice(0, COMMON.length + 1 + WHOSE.length);
  assert.deepEqual(
    first.map(([, field]) => field),
    [...COMMON, OF_CHILD, ...WHOSE],
  );
});

describe('the document lists the fields of', () => {
  for (const name of names) {
    it(name, () => {
      const own = fieldsOf(name)
        .map(([field]) => field)
        .filter((field) => ![...COMMON, ...WHOSE].includes(field));
      assert.deepEqual(documentedFields(name).toSorted(), own.toSorted());
    });
  }
});

it('each example has every field that its event must have, and no other', () => {
  const examples = [...server.matchAll(/^\{.*\}$/gm)].map(
    ([line]) => JSON.parse(line) as { event: EventName },
  );
  for (const example of examples) {
    const fields = fieldsOf(example.event);
    const required = [...COMMON, ...fields.filter(([, { optional }]) => !optional).map(([field]) => field)];
    const allowed = new Set([...COMMON, ...fields.map(([field]) => field)]);
    assert.deepEqual(
      Object.keys(example).filter((field) => !allowed.has(field)),
      [],
      JSON.stringify(example),
    );
    assert.deepEqual(
      required.filter((field) => !(field in example)),
      [],
      JSON.stringify(example),
    );
  }
  const shown = new Set(examples.map(({ event }) => event));
  assert.deepEqual(
    names.filter((name) => !shown.has(name)),
    ['crashed'],
  );
});
