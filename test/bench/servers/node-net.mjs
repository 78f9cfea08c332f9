// A baseline: the same reply from node:net, without a parser: a request is what ends in an empty line.
// Its arguments are the port, and whether a connection is kept.

import { createServer } from 'node:net';

const [port, keepAlive] = process.argv.slice(2);
const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\n';
const kept = Buffer.from(`${head}\r\nHello, world!`);
const last = Buffer.from(`${head}Connection: close\r\n\r\nHello, world!`);

const server = createServer({ noDelay: true }, (socket) => {
  let request = '';
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    request += bytes.toString('latin1');
    if (!request.endsWith('\r\n\r\n')) return;
    if (keepAlive === 'keep-alive' && !request.includes('\r\nConnection: close')) socket.write(kept);
    else socket.end(last);
    request = '';
  });
});
server.listen(Number(port), '127.0.0.1');
