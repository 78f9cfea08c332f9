// The load where wrk is not installed: so many clients, each asking again as soon as it has its reply.
// A process of its own: load.mjs PORT CONNECTIONS SECONDS (close|keep-alive). Prints one JSON object.

import { connect } from 'node:net';
import { percentile } from './table.mjs';

const [port, connections, seconds, how] = process.argv.slice(2);
const close = how === 'close';
const request = Buffer.from(
  `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${close ? 'Connection: close\r\n' : ''}\r\n`,
);
/** Microseconds from the request's write to the last byte of its reply. */
const latencies = new Float64Array(20_000_000);
let requests = 0;
let errors = 0;
const start = performance.now();
const end = start + Number(seconds) * 1e3;
const open = new Set();

function client() {
  const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
  let reply = '';
  let replied = false;
  let askedAt = 0;
  const ask = () => {
    reply = '';
    replied = false;
    askedAt = performance.now();
    socket.write(request);
  };
  open.add(socket);
  socket.on('connect', ask);
  socket.on('data', (bytes) => {
    reply += bytes.toString('latin1');
    if (replied || !reply.endsWith('\r\n\r\nHello, world!')) return;
    replied = true;
    if (requests < latencies.length) latencies[requests] = (performance.now() - askedAt) * 1e3;
    requests++;
    if (performance.now() >= end) finish();
    else if (!close) ask(); // otherwise the server closes, and the next connection is made then
  });
  socket.on('error', () => errors++);
  socket.on('close', () => {
    open.delete(socket);
    if (!replied) errors++;
    if (performance.now() < end) setImmediate(client);
    else finish();
  });
}

function finish() {
  const took = (performance.now() - start) / 1e3;
  const sorted = latencies.subarray(0, Math.min(requests, latencies.length)).sort();
  const result = { requests, seconds: took, p99Us: percentile(sorted, 0.99) ?? 0, errors };
  console.log(JSON.stringify(result));
  process.exit(0);
}

setTimeout(finish, Number(seconds) * 1e3 + 100);
for (let i = 0; i < Number(connections); i++) client();
