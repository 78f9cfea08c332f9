// The page that shows a student her connection: every fact, escaped, and nothing from anywhere else.
// Stands beside src/http/connection-page.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectionFacts } from '../../src/http/connection-page.js';
import { connectionPage } from '../../src/http/connection-page.js';
import { MODES } from '../../src/models/options.js';

const facts: ConnectionFacts = {
  mode: 'evented',
  model: 'evented:poller=poll',
  loops: 1,
  fourTuple: ['192.0.2.7', 52356, '192.0.2.1', 8080],
  connection: 3,
  fd: 19,
  thread: 'loop',
  tid: 4711,
};

/** What stands beside each label. */
const shown = (page: string): Record<string, string> =>
  Object.fromEntries([...page.matchAll(/<dt>(.*?)<\/dt><dd>(.*?)<\/dd>/g)].map((each) => [each[1], each[2]]));

test('each fact stands beside its name', () => {
  assert.deepEqual(shown(connectionPage(facts, false)), {
    'source address': '192.0.2.7',
    'source port': '52356',
    'destination address': '192.0.2.1',
    'destination port': '8080',
    'connection id': '3',
    'file descriptor': '19',
    thread: 'loop (tid 4711)',
    model: 'evented:poller=poll',
  });
});

test('every model has its sentence', () => {
  const sentences = MODES.map(
    (mode) => /<p>([^<]*)<\/p>\n<p><a /.exec(connectionPage({ ...facts, mode }, false))?.[1],
  );
  for (const sentence of sentences) assert.match(sentence ?? '', /^[A-Z].*\.$/);
  assert.equal(new Set(sentences).size, MODES.length);
});

test('with several loops it says that one of them serves her', () => {
  assert.match(connectionPage({ ...facts, loops: 2 }, false), /<p>One of several event loops serves you /);
});

test('it says whether a next request finds another connection', () => {
  assert.match(connectionPage(facts, false), /its source port and its id are new/);
  assert.match(connectionPage(facts, true), /nothing changes/);
});

test('a name that she enters is one of her facts, and stays when she asks again', () => {
  const page = connectionPage(facts, false, 'Ada & Co');
  assert.equal(shown(page)['your name'], 'Ada &amp; Co');
  assert.match(page, /<a href="\/connection\?name=Ada%20%26%20Co">/);
  assert.match(page, /<form action="\/connection">[\s\S]*<input [^>]*name="name"[^>]*>/);
});

test('whatever a fact is, it is text and no markup', () => {
  const markup = `<script>alert("1")</script>&'`;
  const page = connectionPage(
    { ...facts, thread: markup, model: markup, fourTuple: [markup, 1, markup, 2] },
    true,
  );
  assert.doesNotMatch(page, /<script>|alert\("|&'/);
  assert.equal(page.match(/&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;&amp;&#39;/g)?.length, 4);
});

test('it asks for nothing else, not even an icon, and runs nothing', () => {
  const page = connectionPage(facts, false);
  assert.deepEqual(
    [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map((each) => each[1]),
    ['data:,', '/connection'],
  );
  assert.doesNotMatch(page, /<script|@import|url\(|https?:/);
});
