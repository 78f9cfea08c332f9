// A server of a few lines that does to its clients just what a test tells it to.

import { createServer, type Socket } from 'node:net';
import { whenTestsEnd } from './cleanup.js';

export interface SmallServer {
  readonly port: number;
  readonly where: { readonly address: string; readonly port: number };
  /** Resolves when nobody listens on the port any more. */
  close(): Promise<void>;
}

/** `onConnection` is called for each. Half-open: a FIN goes out when the test ends its side. Port 0 takes a free one. */
export async function smallServer(
  onConnection: (socket: Socket) => void = () => {},
  address = '127.0.0.1',
  onPort = 0,
): Promise<SmallServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(onPort, address, resolve));
  const { port } = server.address() as { port: number };
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  const close = (): Promise<void> => {
    server.close();
    for (const socket of sockets) socket.destroy();
    return closed;
  };
  whenTestsEnd(close);
  return { port, where: { address, port }, close };
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
