// A server of a few lines that does to its clients just what a test tells it to.

import { createServer, type Socket } from 'node:net';

export interface SmallServer {
  readonly port: number;
  readonly where: { readonly address: string; readonly port: number };
  close(): void;
}

/** `onConnection` is called for each. Half-open: a FIN goes out when the test ends its side. */
export async function smallServer(
  onConnection: (socket: Socket) => void,
  address = '127.0.0.1',
): Promise<SmallServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    where: { address, port },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Calls `answer` with each whole request head. */
export function onRequest(socket: Socket, answer: (head: string) => void): void {
  let head = '';
  socket.on('data', (bytes) => {
    head += bytes.toString('latin1');
    if (!head.endsWith('\r\n\r\n')) return;
    const whole = head;
    head = '';
    answer(whole);
  });
}
