// One end of a TCP connection, as RFC 9293 has it (section 3.3.2): its state after each segment that it sends or gets. What
// no event reports follows from that.

import type { TcpState } from '../net/tcp-states.js';

export type Happening =
  | 'sends SYN'
  | 'gets SYN'
  | 'gets SYN-ACK'
  | 'gets ACK'
  | 'sends FIN'
  | 'gets FIN'
  | 'gets ACK of FIN'
  | 'sends RST'
  | 'gets RST';

const AFTER: Partial<Record<TcpState, Partial<Record<Happening, TcpState>>>> = {
  CLOSED: { 'sends SYN': 'SYN_SENT' },
  LISTEN: { 'gets SYN': 'SYN_RECV' },
  SYN_SENT: { 'gets SYN-ACK': 'ESTABLISHED' },
  SYN_RECV: { 'gets ACK': 'ESTABLISHED', 'gets FIN': 'CLOSE_WAIT' },
  ESTABLISHED: { 'sends FIN': 'FIN_WAIT1', 'gets FIN': 'CLOSE_WAIT' },
  FIN_WAIT1: { 'gets ACK of FIN': 'FIN_WAIT2', 'gets FIN': 'CLOSING' },
  FIN_WAIT2: { 'gets FIN': 'TIME_WAIT' },
  CLOSING: { 'gets ACK of FIN': 'TIME_WAIT' },
  CLOSE_WAIT: { 'sends FIN': 'LAST_ACK' },
  LAST_ACK: { 'gets ACK of FIN': 'CLOSED' },
};

/** The same state where this changes nothing. */
export const stateAfter = (state: TcpState, happening: Happening): TcpState =>
  happening.endsWith('RST') ? 'CLOSED' : (AFTER[state]?.[happening] ?? state);
