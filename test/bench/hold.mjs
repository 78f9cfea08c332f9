// Holds idle keep-alive connections for idle.mjs until it is ended: hold.mjs PORT CONNECTIONS. Prints `ready`.
// Each has been asked one thing, so that the server has served it before it falls idle.

import { connect } from 'node:net';

const [port, connections] = process.argv.slice(2).map(Number);
/** So many may be under way at once: fewer than the backlog. */
const AT_ONCE = 100;
/** One source address has some 28,000 ports; all of 127.0.0.0/8 is this machine. */
const FROM_ONE_ADDRESS = 5_000;

/** @type {Set<import('node:net').Socket>} */
const sockets = new Set();
let asked = 0;
let held = 0;

function next() {
  if (asked === connections) return;
  const localAddress = `127.0.0.${2 + Math.floor(asked++ / FROM_ONE_ADDRESS)}`;
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  sockets.add(socket);
  socket.on('connect', () => socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'));
  socket.once('data', () => {
    held++;
    if (held === connections) console.log('ready');
    next();
  });
  socket.on('error', fail);
  socket.on('end', () => fail(new Error('the server closed a connection')));
}

function fail(/** @type {Error} */ error) {
  console.error(`${held} connections, then: ${error.message}`);
  process.exit(1);
}

// With a reset, so that no port stays in TIME-WAIT: the next round binds as many again.
process.on('SIGTERM', () => {
  for (const socket of sockets) socket.resetAndDestroy();
  setImmediate(() => process.exit(0));
});
for (let i = 0; i < AT_ONCE; i++) next();
