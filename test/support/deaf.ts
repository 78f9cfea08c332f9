// A socket that hears of no SYN, no FIN and no data: the kernel drops them, as if the network had lost them. So a handshake
// or a close stays half done for as long as a test looks at it. Nobody needs to be root for that.

import { Socket } from 'node:net';
import koffi from 'koffi';
import {
  AF_INET,
  IPPROTO_TCP,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../../src/posix/constants.js';
import { SystemCallError } from '../../src/posix/errors.js';
import { systemCalls } from '../../src/posix/system-calls.js';

const SO_ATTACH_FILTER = 26;

koffi.struct('sock_filter', { code: 'uint16', jt: 'uint8', jf: 'uint8', k: 'uint32' });
koffi.struct('sock_fprog', { len: 'uint16', filter: 'sock_filter *' });
const setsockopt = koffi
  .load(null)
  .func('int setsockopt(int fd, int level, int option, const sock_fprog *value, uint32_t length)');

/**
 * Of each segment the filter is given the TCP header and what follows (socket(7), SO_ATTACH_FILTER). What it drops was
 * never received; mere acknowledgements come through, or the other direction would come to a stop too.
 */
const TCP_FLAGS = 13; // their place in the header (RFC 9293, section 3.1)
const FIN_SYN_PSH = 0x0b;
const FILTER = [
  { code: 0x30, jt: 0, jf: 0, k: TCP_FLAGS }, // load a byte
  { code: 0x45, jt: 0, jf: 1, k: FIN_SYN_PSH }, // any of these bits? or else skip one instruction
  { code: 0x06, jt: 0, jf: 0, k: 0 }, // keep nothing
  { code: 0x06, jt: 0, jf: 0, k: 0xffffffff }, // keep all
];
const FPROG = { len: FILTER.length, filter: FILTER };
const FPROG_BYTES = 16;

/** From now on; what the socket sends still goes out. */
export function deafen(socket: Socket): void {
  deafenFd((socket as unknown as { _handle: { fd: number } })._handle.fd);
}

/** One that is still to be connected, with IPv4. */
export function deafFromTheStart(): Socket {
  const fd = systemCalls.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  deafenFd(fd);
  return new Socket({ fd });
}

function deafenFd(fd: number): void {
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, FPROG, FPROG_BYTES) !== 0)
    throw new SystemCallError('setsockopt', koffi.errno());
}
