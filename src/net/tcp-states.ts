// The states of a TCP connection (RFC 9293, section 3.3.2), as netstat(8) spells them.

/** From 1 on, by their numbers in the kernel (include/net/tcp_states.h). */
export const TCP_STATES = [
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSED', // the kernel's TCP_CLOSE
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'SYN_RECV', // the kernel's TCP_NEW_SYN_RECV, which it shows as SYN_RECV itself
] as const;

/** CLOSED is no state of a socket: there is none with this 4-tuple. */
export type TcpState = (typeof TCP_STATES)[number];
