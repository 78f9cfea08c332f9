// Recordings as a source of events: whole, compressed, and damaged in every way that a file can be.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { DamagedRecording, readRecording } from '../../src/sources/recording.js';
import { temporaryFolder } from '../support/cleanup.js';
import { Client, get } from '../support/client.js';
import { withServer } from '../support/server.js';

const folder = temporaryFolder();
const file = join(folder, 'recording');

interface Read {
  readonly lines: string[];
  readonly damage?: DamagedRecording;
}

async function read(content: string | Buffer): Promise<Read> {
  writeFileSync(file, content);
  const lines: string[] = [];
  try {
    for await (const events of readRecording(file)) lines.push(...events.map(({ line }) => line));
  } catch (error) {
    if (error instanceof DamagedRecording) return { lines, damage: error };
    throw error;
  }
  return { lines };
}

/** What a server wrote while three clients were answered. */
let whole: string[];
before(async () => {
  await withServer(['--mode=blocking', '--detail=calls'], async (server) => {
    for (const path of ['/', '/connection', '/"\x1b[2J"']) {
      const client = await Client.connect(server.port);
      client.send(get(path));
      await client.rest();
    }
    await server.stop();
    whole = server.events.map((event) => JSON.stringify(event));
  });
});

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

describe('a recording', () => {
  it('gives every event, in order', async () => {
    assert.ok(whole.length > 30);
    assert.deepEqual(await read(text(whole)), { lines: whole });
  });

  it('may be compressed', async () => {
    assert.deepEqual(await read(gzipSync(text(whole))), { lines: whole });
  });

  it('may lack its last newline', async () => {
    assert.deepEqual(await read(text(whole).trimEnd()), { lines: whole });
  });

  it('may have events of a later version', async () => {
    const later = ['{"at":1,"event":"teleported","thread":"loop","tid":7,"to":"the moon"}'];
    assert.deepEqual(await read(text(later)), { lines: later });
  });

  it('that is cut anywhere gives all events before the cut, and says where it is', async () => {
    const bytes = Buffer.from(text(whole));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: bytes.length - 2 }), async (length) => {
        const { lines, damage } = await read(bytes.subarray(0, length));
        assert.deepEqual(lines, whole.slice(0, lines.length));
        const complete = text(lines).length;
        const cutInALine = length > complete;
        assert.equal(damage?.lineNumber, cutInALine ? lines.length + 1 : undefined);
      }),
      { numRuns: 60 },
    );
  });

  it('whose compression is cut gives what can be read of it, and says so', async () => {
    const bytes = gzipSync(text(whole));
    const { lines, damage } = await read(bytes.subarray(0, bytes.length >> 1));
    assert.ok(lines.length > 0 && lines.length < whole.length);
    assert.deepEqual(lines, whole.slice(0, lines.length));
    assert.match(damage?.message ?? '', /compressed/);
  });

  const BROKEN: readonly (readonly [what: string, line: string, problem: RegExp])[] = [
    ['no JSON', 'hello', /not JSON/],
    ['a list', '[]', /no JSON object/],
    ['no event', '{"at":1}', /no "event"/],
    ['no thread', '{"at":1,"event":"reset","tid":1}', /"thread"/],
    ['a time that is no number', '{"at":"1","event":"reset","thread":"loop","tid":1}', /"at"/],
    [
      'a field that is missing',
      '{"at":1,"event":"received","thread":"loop","tid":1,"connection":1,"fd":7}',
      /"bytes"/,
    ],
    [
      'a field of another kind',
      '{"at":1,"event":"accepted","thread":"loop","tid":1,"connection":1,"fd":7,"fourTuple":"x"}',
      /"fourTuple"/,
    ],
    [
      'a reason that is none',
      '{"at":1,"event":"refused","thread":"loop","tid":1,"reason":"tired"}',
      /"reason"/,
    ],
    [
      'a time long before the others',
      '{"at":-3600000000,"event":"stopping","thread":"loop","tid":1}',
      /happened 3600\.\d s before a line above it/,
    ],
  ];
  for (const [what, line, problem] of BROKEN) {
    it(`with ${what} is damaged there, and plays up to it`, async () => {
      const { lines, damage } = await read(text([...whole.slice(0, 5), line, ...whole.slice(5)]));
      assert.deepEqual(lines, whole.slice(0, 5));
      assert.equal(damage?.lineNumber, 6);
      assert.match(damage?.message ?? '', problem);
    });
  }

  it('that another one was added to is damaged where that begins', async () => {
    const beginning = whole.slice(0, whole.findIndex((line) => line.includes('"listening"')) + 1);
    const { lines, damage } = await read(text([...beginning, ...beginning]));
    assert.deepEqual(lines, [...beginning, ...beginning.slice(0, -1)]);
    assert.match(damage?.message ?? '', /A second recording begins here/);
  });

  it('with bytes that are no text is damaged, and never a reason to stop in any other way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
        const { lines } = await read(Buffer.concat([Buffer.from(text(whole.slice(0, 3))), bytes]));
        assert.deepEqual(lines.slice(0, 3), whole.slice(0, 3));
      }),
      { numRuns: 60 },
    );
  });
});

describe('a recording of a comparison', () => {
  const first =
    '{"at":0,"event":"comparison","scenario":"silent","question":"Who?","servers":["a","b"],"startedAt":"2026"}';
  const good = [
    first,
    '{"server":"b","at":1,"event":"reset","thread":"loop","tid":1,"connection":1,"fd":7}',
    '{"at":2,"event":"step","text":"all leave"}',
    '{"server":"a","at":3,"event":"sent","client":4,"fourTuple":["127.0.0.1",5,"127.0.0.1",80],"bytes":6}',
    '{"at":4,"event":"skipped","thread":"main","tid":1,"count":9}',
  ];

  it('has events of its servers and clients, steps, and marks of a slow disk', async () => {
    assert.deepEqual(await read(text(good)), { lines: good });
  });

  const BROKEN: readonly (readonly [what: string, lines: readonly string[], problem: RegExp])[] = [
    ['no first line', good.slice(1), /first line of that is missing/],
    ['no list of servers', [first.replace('["a","b"]', '"a"')], /"servers"/],
    ['a server twice', [first.replace('"b"', '"a"')], /"servers"/],
    ['no question', [first.replace('"question"', '"answer"')], /"question"/],
    ['two beginnings', [first, first], /second comparison/],
    ['an event of nobody', [first, good[1]!.replace('"server":"b",', '')], /does not name a server/],
    ['an event of another server', [first, good[1]!.replace('"b"', '"c"')], /does not name a server/],
    ['half an event of a server', [first, good[1]!.replace(',"fd":7', '')], /"fd"/],
    ['a step without text', [first, '{"at":2,"event":"step"}'], /"text"/],
    ['a client without a number', [first, good[3]!.replace('"client":4', '"client":"x"')], /"client"/],
    ['bytes that are no number', [first, good[3]!.replace('"bytes":6', '"bytes":null')], /"bytes"/],
    ['half a 4-tuple', [first, good[3]!.replace(',80]', ']')], /"fourTuple"/],
  ];
  for (const [what, lines, problem] of BROKEN) {
    it(`with ${what} is damaged there`, async () => {
      const { damage } = await read(text(lines));
      assert.equal(damage?.lineNumber, what === 'no first line' || lines.length === 1 ? 1 : 2);
      assert.match(damage?.message ?? '', problem);
    });
  }
});
