// The work that narrator.mjs measures, in a process of its own: narrate.mjs SECONDS. Prints one JSON array.
// A batch is what an evented server tells in a few milliseconds under load: from its ring, to events, to lines.

import { openSync } from 'node:fs';
import { Chalk } from 'chalk';
import { nowUs } from '../../build/src/lifecycle/clock.js';
import { Decoder } from '../../build/src/lifecycle/decoder.js';
import { Reporter } from '../../build/src/lifecycle/reporter.js';
import { ServerMemory } from '../../build/src/lifecycle/server-memory.js';
import { Connection } from '../../build/src/net/connection.js';
import { EPOLLIN } from '../../build/src/posix/constants.js';
import { encodeSocketAddress } from '../../build/src/posix/socket-address.js';
import { ndjsonSink } from '../../build/src/terminal/ndjson.js';
import { Output } from '../../build/src/terminal/output.js';
import { PrettyLines } from '../../build/src/terminal/pretty.js';
import { Sink } from '../../build/src/terminal/sink.js';

const SECONDS = Number(process.argv[2]);
/** At 33,000 requests a second, what is told between two looks into the ring. */
const REQUESTS_A_BATCH = 500;
const WITHOUT_LIMIT = Number.POSITIVE_INFINITY;

const memory = ServerMemory.allocate(1);
const shared = memory.ofThread(0);
shared.tid = process.pid;
const report = new Reporter(memory, shared, 'lifecycle');
const decoder = new Decoder(
  shared,
  () => ({ mode: 'evented', engine: 'system-calls', pid: 1, startedAt: '' }),
  () => 'loop',
);
const connection = new Connection();
connection.peer = encodeSocketAddress({ address: '127.0.0.1', port: 52_356 });
connection.local = encodeSocketAddress({ address: '127.0.0.1', port: 8080 });
let lastId = 0;

/** As the evented server reports one request over a connection of its own. */
function reportRequest() {
  const fd = 23;
  const id = ++lastId;
  connection.opened(id, fd);
  const since = report.blocked('epoll_wait', 0, 22);
  report.resumed('epoll_wait', since, 0, 22);
  report.ready(0, 21, EPOLLIN);
  report.accepted(connection);
  report.watching(id, fd, EPOLLIN);
  report.wouldBlock('accept4', 0, 21);
  report.ready(id, fd, EPOLLIN);
  report.received(connection, 78);
  report.request(connection, { method: 'GET', target: '/' });
  report.sent(connection, 112, 200);
  memory.connectionClosed();
  report.closed(connection, 'replied');
}

function reportBatch() {
  for (let i = 0; i < REQUESTS_A_BATCH; i++) reportRequest();
}

function decodeBatch() {
  /** @type {any[]} */
  const events = [];
  decoder.drain(nowUs(), 0, (event) => events.push(event));
  events.sort((a, b) => a.at - b.at);
  for (const event of events) event.at = Math.round(event.at);
  return events;
}

const devNull = openSync('/dev/null', 'w');
const fail = (/** @type {string} */ code) => {
  throw new Error(`cannot write to /dev/null: ${code}`);
};
/** Only the header above the lines reads the options, and a batch has no `listening` to print it for. */
const options = /** @type {any} */ ({});
const prettySink = (/** @type {0 | 2} */ level, /** @type {number | undefined} */ columns) => {
  const pretty = new PrettyLines(new Chalk({ level }), columns, options);
  return new Sink(new Output(devNull, WITHOUT_LIMIT, () => '', fail), (events) => pretty.lines(events));
};

reportBatch();
const batch = decodeBatch();
const perRequest = batch.length / REQUESTS_A_BATCH;
if (!Number.isInteger(perRequest))
  throw new Error(`${batch.length} events do not hold ${REQUESTS_A_BATCH} requests`);

/** Repeats one piece of work, and counts only the time of that piece. */
async function measure(
  /** @type {string} */ step,
  /** @type {() => unknown} */ work,
  /** @type {() => unknown} */ before = () => {},
  /** @type {() => unknown} */ after = () => {},
) {
  await repeat(Math.min(1, SECONDS)); // to warm up
  const { batches, took } = await repeat(SECONDS);
  steps.push({ step, events: batches * batch.length, seconds: took / 1e3, perRequest });

  async function repeat(/** @type {number} */ seconds) {
    const end = performance.now() + seconds * 1e3;
    let took = 0;
    let batches = 0;
    while (performance.now() < end) {
      before();
      const since = performance.now();
      await work();
      took += performance.now() - since;
      batches++;
      after();
    }
    return { batches, took };
  }
}

/** Formats, and waits for the write, as little as that is to /dev/null. */
const through = (/** @type {Sink} */ sink, /** @type {() => any[]} */ events) => async () => {
  sink.take(events());
  await sink.output.flush(10_000);
};

/** @type {import('./narrator.mjs').Step[]} */
const steps = [];
const ndjson = ndjsonSink(devNull, WITHOUT_LIMIT, fail);
const plain = prettySink(0, undefined);
const colour = prettySink(2, 100);
await measure('tell: into the ring, on the server thread', reportBatch, undefined, decodeBatch);
await measure('decode: from the ring, in order of time', decodeBatch, reportBatch);
await measure(
  'format as ndjson',
  through(ndjson, () => batch),
);
await measure(
  'format as pretty, for a file',
  through(plain, () => batch),
);
await measure(
  'format as pretty, in colour',
  through(colour, () => batch),
);
await measure('decode and format as ndjson', through(ndjson, decodeBatch), reportBatch);
await measure('decode and format as pretty, for a file', through(plain, decodeBatch), reportBatch);
console.log(JSON.stringify(steps));
