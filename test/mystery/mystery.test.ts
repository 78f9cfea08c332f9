// Which fault a mystery has follows from its number and its seed; only the right diagnosis with the right evidence is proven.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DIAGNOSES } from '../../src/mystery/diagnoses.js';
import { MYSTERIES } from '../../src/mystery/fault.js';
import { FAULTS } from '../../src/mystery/faults.js';
import { isProven } from '../../src/mystery/judge.js';
import { hiddenFaultOf, type Mystery, mysteryOf } from '../../src/mystery/mystery.js';

/** What students were given in one year must be the same in the next. */
const PINNED = '["sends-in-two",0,{"mode":"evented","edgeTriggered":true,"keepAlive":true}]';

const numbers = Array.from({ length: MYSTERIES }, (_, i) => i + 1);
const every = numbers.map((number) => mysteryOf(number));
const plain = (mystery: Mystery): string => {
  const { name, amount } = hiddenFaultOf(mystery);
  return JSON.stringify([name, amount, mystery.server]);
};
const namesOf = (seed?: string): string[] => numbers.map((number) => mysteryOf(number, seed).fault.name);

test('with one seed each fault is that of one mystery', () => {
  assert.equal(MYSTERIES, FAULTS.length);
  for (const seed of [undefined, 'group-a'])
    assert.deepEqual(namesOf(seed).toSorted(), FAULTS.map(({ name }) => name).toSorted());
});

test('the same seed gives the same mystery, on every machine', () => {
  assert.equal(plain(mysteryOf(3, 'group-a')), PINNED);
  for (const number of numbers)
    assert.equal(plain(mysteryOf(number, 'group-b')), plain(mysteryOf(number, 'group-b')));
});

test('groups with different seeds cannot copy: orders, servers and amounts differ', () => {
  const seeds = Array.from({ length: 20 }, (_, i) => `group-${i}`);
  assert.equal(new Set(seeds.map((seed) => namesOf(seed).join())).size, seeds.length);
  for (const fault of FAULTS) {
    const all = seeds.flatMap((seed) => numbers.map((number) => mysteryOf(number, seed)));
    const seen = new Set(all.filter((each) => each.fault === fault).map(plain));
    assert.ok(seen.size > 1, `${fault.name} is always the same: ${[...seen].join()}`);
  }
});

test('there are more diagnoses than faults, each with a sign and a question', () => {
  assert.ok(DIAGNOSES.length > FAULTS.length + 5);
  assert.equal(new Set(DIAGNOSES.map(({ name }) => name)).size, DIAGNOSES.length);
  for (const { claim, sign, question } of DIAGNOSES) {
    assert.match(claim, /^[A-Z].*\.$/);
    assert.match(sign, /\.$/);
    assert.match(question, /\?$/);
  }
});

test('the right diagnosis with its evidence is proven', () => {
  for (const mystery of every) {
    const { fault, amount } = mystery;
    const { answer } = fault.evidence(amount);
    for (const text of [answer, answer.toUpperCase(), `I saw ${answer.toLowerCase()}.`])
      assert.ok(isProven(mystery, fault, text), `${fault.name}: ${text}`);
  }
});

test('the right diagnosis with other evidence is not', () => {
  for (const mystery of every) {
    for (const text of ['', 'I do not know', '999999', '-', '1 or 2 or 3 or 4', 'EPOLLIN CLOSE-WAIT FIN'])
      assert.ok(!isProven(mystery, mystery.fault, text), `${mystery.fault.name}: ${text}`);
  }
});

test('the evidence of another amount is not accepted', () => {
  for (const { name, amounts = [0], evidence } of FAULTS) {
    for (const amount of amounts) {
      const accepted = amounts.filter((other) => evidence(amount).accepts(evidence(other).answer));
      assert.deepEqual(accepted, [amount], name);
    }
  }
});

test('no other diagnosis is proven, whatever the evidence', () => {
  for (const mystery of every) {
    const right = mystery.fault.evidence(mystery.amount).answer;
    const proven = DIAGNOSES.filter((each) => isProven(mystery, each, right));
    assert.deepEqual(
      proven.map(({ name }) => name),
      [mystery.fault.name],
    );
  }
});
