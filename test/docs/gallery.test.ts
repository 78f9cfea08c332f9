// The pages of the gallery: each plays a real run of its scenario, and is small enough to be sent around.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadScenario } from '../../src/compare/scenario.js';
import { problemOfEvent } from '../../src/lifecycle/check-event.js';
import { embeddedIn } from '../support/embedded.js';

const folder = fileURLToPath(new URL('../../../docs/gallery/', import.meta.url));
const pages = readdirSync(folder).filter((file) => file.endsWith('.html'));
const MOST_BYTES = 300_000;
const MOST_IN_ALL = 2_000_000;

describe('the gallery', () => {
  it('lists every page', () => {
    const listed = readFileSync(`${folder}README.md`, 'utf8').matchAll(/\]\(([\w-]+\.html)\)/g);
    assert.ok(pages.length > 0);
    assert.deepEqual(Array.from(listed, ([, page]) => page).toSorted(), pages.toSorted());
  });

  it('is small', () => {
    const sizes = pages.map((page) => readFileSync(folder + page).length);
    for (const [i, size] of sizes.entries()) assert.ok(size <= MOST_BYTES, pages[i]);
    assert.ok(sizes.reduce((a, b) => a + b) <= MOST_IN_ALL);
  });

  for (const page of pages) {
    it(`${page} has a whole run of its scenario`, async () => {
      const html = readFileSync(folder + page, 'utf8');
      const { question } = await loadScenario(page.replace('.html', ''));
      assert.ok(html.includes(`<title>${page.replace('.html', '')}: ${question}</title>`));
      const { servers, marks } = embeddedIn(html);
      assert.ok(marks.length > 0);
      // A scenario may kill a server.
      assert.ok(servers.some(({ events }) => events.some(({ event }) => event === 'stopped')));
      for (const { name, events } of servers) {
        assert.deepEqual(
          events.map(problemOfEvent).filter((problem) => problem !== undefined),
          [],
        );
        assert.ok(
          events.some(({ event }) => event === 'listening'),
          name,
        );
      }
    });
  }
});
