// The TCP state of one socket of this machine, asked of the kernel by its 4-tuple as ss(8) asks: sock_diag(7).
// It answers in microseconds; reading all of /proc/net/tcp takes milliseconds.

import { AF_INET, AF_INET6, IPPROTO_TCP, MSG_DONTWAIT, SOCK_CLOEXEC } from '../posix/constants.js';
import { encodeSocketAddress } from '../posix/socket-address.js';
import { systemCalls } from '../posix/system-calls.js';
import type { FourTuple } from './four-tuple.js';
import { TCP_STATES, type TcpState } from './tcp-states.js';

/** The state at the end that the 4-tuple's source names; undefined if the kernel does not say. */
export type StateOf = (fourTuple: FourTuple) => TcpState | undefined;

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST = 1;
const NLMSG_ERROR = 2;
const ENOENT = 2;

/** struct nlmsghdr (netlink(7)): length, type, flags, sequence, port; after it struct inet_diag_req_v2 (sock_diag(7)). */
const HEADER_BYTES = 16;
const REQUEST_BYTES = HEADER_BYTES + 56;

/** Undefined if the kernel gives us no such socket. It stays open until the process ends. */
export function openTcpStates(): StateOf | undefined {
  const fd = systemCalls.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (fd === -1) return undefined;
  const reply = Buffer.alloc(1024);
  return (fourTuple) => {
    const request = requestFor(fourTuple);
    if (systemCalls.send(fd, request, request.length, 0) !== request.length) return undefined;
    // The kernel answers within send(2): there is nothing to wait for.
    const length = systemCalls.recv(fd, reply, reply.length, MSG_DONTWAIT);
    return length < HEADER_BYTES + 4 ? undefined : stateIn(reply);
  };
}

/** Of the one socket with these ends; its source is this side. */
function requestFor([source, sourcePort, destination, destinationPort]: FourTuple): Buffer {
  const request = Buffer.alloc(REQUEST_BYTES);
  request.writeUInt32LE(REQUEST_BYTES, 0);
  request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
  request.writeUInt16LE(NLM_F_REQUEST, 6);
  const from = encodeSocketAddress({ address: source, port: sourcePort });
  const to = encodeSocketAddress({ address: destination, port: destinationPort });
  const ipv6 = from[0] === AF_INET6;
  request[16] = ipv6 ? AF_INET6 : AF_INET;
  request[17] = IPPROTO_TCP;
  request.fill(0xff, 20, 24); // in any state
  request.writeUInt16BE(sourcePort, 24); // struct inet_diag_sockid, ports and addresses in network order
  request.writeUInt16BE(destinationPort, 26);
  request.set(ipv6 ? from.subarray(8, 24) : from.subarray(4, 8), 28);
  request.set(ipv6 ? to.subarray(8, 24) : to.subarray(4, 8), 44);
  if (ipv6) request.set(from.subarray(24, 28), 60); // the zone: a link-local address is another one on each interface
  request.fill(0xff, 64, 72); // INET_DIAG_NOCOOKIE
  return request;
}

function stateIn(reply: Buffer): TcpState | undefined {
  if (reply.readUInt16LE(4) === NLMSG_ERROR)
    return reply.readInt32LE(HEADER_BYTES) === -ENOENT ? 'CLOSED' : undefined;
  const state = TCP_STATES[reply[HEADER_BYTES + 1]! - 1]; // struct inet_diag_msg: family, state
  // If no connection has the 4-tuple, the kernel answers with the listener of the source's port.
  return state === 'LISTEN' ? 'CLOSED' : state;
}
