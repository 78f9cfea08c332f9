// The still picture of a comparison, from servers that really ran: each has a silent client, and then others.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Comparison } from '../../src/compare/comparison.js';
import { pictureOf } from '../../src/pictures/picture.js';
import { record } from '../compare/report/recorded.js';

describe('the picture of a comparison', () => {
  let comparison: Comparison;
  let svg: string;
  let texts: string[];
  before(async () => {
    ({ comparison } = await record());
    const { models, steps, durationUs } = comparison;
    const servers = models.map(({ mode, events }) => ({ name: mode, events, moments: [] }));
    svg = pictureOf({ title: 'a <b> & "c"', servers, steps }, { from: 0, to: durationUs });
    texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text!);
  });

  it('shows the thread of the blocking server that sleeps in recv for its silent client', () => {
    const { events } = comparison.models[0]!;
    const silent = events.find((each) => each.event === 'blocked' && each.call === 'recv') as {
      connection: number;
    };
    assert.ok(texts.includes(`asleep in recv for client #${silent.connection}`), texts.join('\n'));
  });

  it('shows the silent client of the evented server in the interest list', () => {
    const isWatched = (text: string): boolean => text.startsWith('in the interest list');
    assert.ok(texts.some(isWatched), texts.join('\n'));
    assert.ok(texts.includes('#1'));
  });

  it('draws the start of a thread for a client as a start, and not as work', () => {
    const { events } = comparison.models[0]!;
    const ofClients = events.filter((each) => each.event === 'thread-started' && each.connection);
    assert.ok(ofClients.length > 0);
    for (const { connection } of ofClients as { connection: number }[])
      assert.match(svg, new RegExp(`<rect class="starting c${connection}"`));
  });

  it('names each thread', () => {
    for (const { events } of comparison.models) {
      const threads = new Set(events.map(({ thread }) => thread).filter((name) => name !== 'main'));
      for (const name of threads) assert.ok(texts.includes(name), name);
    }
  });

  it('takes no text for markup', () => {
    assert.ok(texts.includes('a &#60;b&#62; &#38; &#34;c&#34;'));
  });
});
