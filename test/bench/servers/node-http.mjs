// A baseline: the same reply from node:http, as few lines as it takes. Its first argument is the port.

import { createServer } from 'node:http';

const server = createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': 13 });
  response.end('Hello, world!');
});
server.listen(Number(process.argv[2]), '127.0.0.1');
