// Stands beside src/compare/model-colours.ts: what stands side by side can be told apart.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelColour } from '../../src/compare/model-colours.js';
import { MODES, type ModelName } from '../../src/models/options.js';

const VARIANTS: readonly ModelName[] = [
  'evented:poller=poll',
  'evented:loops=2',
  'evented:loops=2:share=listener',
  'evented:workers=2',
  'evented:edge-triggered',
];

test('no two models or variants have the same colour', () => {
  const colours = [...MODES, ...VARIANTS].map(modelColour);
  for (const kind of ['light', 'dark', 'terminal'] as const)
    assert.equal(new Set(colours.map((colour) => colour[kind])).size, colours.length, kind);
});
