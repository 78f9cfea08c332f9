// The kernel's TCP table, /proc/net/tcp and tcp6 (proc(5)): every TCP socket of this machine, of every user.
// It is what netstat reads. Used to say who listens on a port, and by `inspect`.

import { AF_INET, AF_INET6 } from '../posix/constants.js';
import { readProc } from '../posix/proc.js';
import { decodeSocketAddress, SOCKET_ADDRESS_BYTES, type SocketAddress } from '../posix/socket-address.js';
import { TCP_STATES, type TcpState } from './tcp-states.js';

export interface TcpSocket {
  readonly state: TcpState;
  readonly local: SocketAddress;
  readonly peer: SocketAddress;
  /** Bytes that came and were not read yet; of a listener, connections that wait for accept(2). */
  readonly receiveQueue: number;
  /** Bytes that were sent, and the other end has not acknowledged. */
  readonly sendQueue: number;
  readonly uid: number;
  /** 0 where no descriptor is open for it: not accepted yet, or closed already. */
  readonly inode: number;
  /** How long the kernel still keeps a socket that no process has open, as in TIME_WAIT. */
  readonly secondsLeft: number | undefined;
}

/** The columns of a line, cut at blanks and still as they stand there. */
type TcpLine = readonly string[];

/** The sockets that have this port at one of their ends, as process `pid` sees the network. */
export function socketsOfPort(port: number, pid: number | 'self' = 'self'): TcpSocket[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return tcpTable(pid, `${suffix} `, ([, local, peer]) => local.endsWith(suffix) || peer.endsWith(suffix));
}

/** Every listener. */
export function listeners(pid: number | 'self' = 'self'): TcpSocket[] {
  return tcpTable(pid, ' 0A ', (columns) => columns[3] === '0A');
}

/** `mark`: a text in every line that is wanted. Taking thousands of lines apart takes as long as the kernel to write them. */
function tcpTable(pid: number | 'self', mark: string, wanted: (columns: TcpLine) => boolean): TcpSocket[] {
  return ['tcp', 'tcp6'].flatMap((table) =>
    readProc(`/proc/${pid}/net/${table}`)
      .split('\n')
      .slice(1)
      .filter((line) => line.includes(mark))
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns.length > 9 && wanted(columns))
      .map(tcpSocket),
  );
}

const TIME_WAIT_TIMER = '03';
/** The kernel counts time for programs in hundredths of a second, on every CPU that platform.ts names. */
const TICKS_A_SECOND = 100;

/** sl, local address, remote address, state, tx:rx queue, timer:when, retransmits, uid, timeout, inode. */
function tcpSocket(columns: TcpLine): TcpSocket {
  const [, local, peer, state, queues, timer, , uid, , inode] = columns;
  const [sendQueue, receiveQueue] = queues.split(':').map(hexadecimal);
  const [kind, when] = timer.split(':');
  return {
    state: TCP_STATES[hexadecimal(state) - 1] ?? 'CLOSED',
    local: address(local),
    peer: address(peer),
    receiveQueue,
    sendQueue,
    uid: Number(uid),
    inode: Number(inode),
    secondsLeft: kind === TIME_WAIT_TIMER ? hexadecimal(when) / TICKS_A_SECOND : undefined,
  };
}

const hexadecimal = (digits: string): number => Number.parseInt(digits, 16);

/** `0100007F:1F90`: the address in words of 32 bits, each printed as this CPU reads it from memory. */
function address(text: string): SocketAddress {
  const [words, port] = text.split(':');
  const v4 = words.length === 8;
  const view = new DataView(new ArrayBuffer(SOCKET_ADDRESS_BYTES));
  view.setUint16(0, v4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, hexadecimal(port));
  for (let i = 0; i < words.length; i += 8) {
    view.setUint32((v4 ? 4 : 8) + i / 2, hexadecimal(words.slice(i, i + 8)), true);
  }
  return decodeSocketAddress(new Uint8Array(view.buffer));
}
