// The load where wrk is not installed: the program's own load generator, which the benchmark has just built.
// A process of its own: load.mjs PORT CONNECTIONS SECONDS (close|keep-alive). Prints one JSON object.

import { generateLoad } from '../build/src/clients/load-generator.js';

const [port, connections, seconds, how] = process.argv.slice(2);
const { answered, failed, latency, requestsPerSecond } = await generateLoad(
  { address: '127.0.0.1', port: Number(port) },
  { connections: Number(connections), keepAlive: how === 'keep-alive', seconds: Number(seconds) },
);
if (latency === undefined || requestsPerSecond === undefined) {
  console.error('The server answered no request under load.');
  process.exitCode = 1;
} else {
  const took = answered / requestsPerSecond;
  console.log(JSON.stringify({ requests: answered, seconds: took, p99Us: latency.p99, errors: failed }));
}
