// The numbers and the structures of io_uring: what <linux/io_uring.h> defines, on every CPU that platform.ts lets through.
// io_uring(7), io_uring_setup(2), io_uring_enter(2), io_uring_register(2).

/** io_uring_setup(2): flags of struct io_uring_params. CQSIZE: the completion queue's size is given too. */
export const IORING_SETUP_CQSIZE = 1 << 3;
/** A submission that is wrong does not keep back those behind it. */
export const IORING_SETUP_SUBMIT_ALL = 1 << 7;
/** One thread submits, so the kernel needs no lock (Linux 6.0). */
export const IORING_SETUP_SINGLE_ISSUER = 1 << 12;
/** What the kernel has to do for us is done when we wait for it, and interrupts nothing else (Linux 6.1). */
export const IORING_SETUP_DEFER_TASKRUN = 1 << 13;

/** mmap(2): which part of the memory of a ring. */
export const IORING_OFF_SQ_RING = 0;
export const IORING_OFF_SQES = 0x1000_0000;

export const IORING_ENTER_GETEVENTS = 1 << 0;
/** The argument is a struct io_uring_getevents_arg: with a time limit. */
export const IORING_ENTER_EXT_ARG = 1 << 3;

export const IORING_REGISTER_PBUF_RING = 22;

/** Operations. The enum of the header, and the man page io_uring_enter(2). */
export const IORING_OP_TIMEOUT = 11;
export const IORING_OP_ACCEPT = 13;
export const IORING_OP_ASYNC_CANCEL = 14;
export const IORING_OP_CLOSE = 19;
export const IORING_OP_SEND = 26;
export const IORING_OP_RECV = 27;
export const IORING_OP_URING_CMD = 46;

/** Flags of a submission. LINK: the next one begins when this one has succeeded. */
export const IOSQE_IO_LINK = 1 << 2;
export const IOSQE_BUFFER_SELECT = 1 << 5;

/** In the field ioprio: the operation goes on after its first completion. */
export const IORING_ACCEPT_MULTISHOT = 1 << 0;
export const IORING_RECV_MULTISHOT = 1 << 1;

/** What URING_CMD asks of a socket (Linux 6.7). */
export const SOCKET_URING_OP_SIOCINQ = 0;
export const SOCKET_URING_OP_GETSOCKOPT = 2;

/** Flags of a completion. BUFFER: its upper half has the number of the buffer. MORE: the operation goes on. */
export const IORING_CQE_F_BUFFER = 1 << 0;
export const IORING_CQE_F_MORE = 1 << 1;
export const IORING_CQE_BUFFER_SHIFT = 16;

/**
 * struct io_uring_params, in words of 32 bits: sizes and flags, then where each field of the two rings lies in their
 * memory, in bytes.
 */
export const PARAMS = {
  words: 30,
  sqEntries: 0,
  cqEntries: 1,
  flags: 2,
  sqHead: 10,
  sqTail: 11,
  sqArray: 16,
  cqHead: 20,
  cqTail: 21,
  cqCqes: 25,
} as const;

/** struct io_uring_sqe, 64 bytes, in words of 32 bits. A field of 64 bits is two words, the low one first. */
export const SQE = {
  words: 16,
  /** opcode, flags and ioprio: 8, 8 and 16 bits. */
  opcode: 0,
  fd: 1,
  /** Of URING_CMD: the command. */
  off: 2,
  /** Of URING_CMD GETSOCKOPT: level, then option. */
  address: 4,
  length: 6,
  /** Flags of the operation: MSG_NOSIGNAL, SOCK_CLOEXEC. */
  flags: 7,
  userData: 8,
  bufferGroup: 10,
  /** Of URING_CMD GETSOCKOPT: the room for the value. */
  optionLength: 11,
  /** Of URING_CMD GETSOCKOPT: where the value is to go. */
  address3: 12,
} as const;

/** struct io_uring_cqe, 16 bytes: the user_data of the submission, the result or -errno, flags. */
export const CQE = { words: 4, userData: 0, result: 2, flags: 3 } as const;

/**
 * struct io_uring_buf, 16 bytes: address, length, number. The number has 16 bits, and so has the tail of the ring, which
 * lies where the first of them has no field.
 */
export const BUF = { words: 4, address: 0, length: 2, numberHalf: 6, tailHalf: 7 } as const;

/** struct io_uring_buf_reg, in bytes: where the ring of buffers lies, how many it has, the number of the group. */
export const PBUF_RING = { bytes: 40, address: 0, entries: 8, group: 12 } as const;
