// Names what has run out when a call, a thread or a process failed because of a shortage, and what to do about it.
// Used wherever an error becomes a sentence.

import { closeSync, openSync } from 'node:fs';
import { limitOf } from './process-limits.js';

/** Undefined if the error is of another kind. */
export function shortageSentence(error: unknown): string | undefined {
  switch (codeOf(error)) {
    case 'EMFILE':
      return `Out of file descriptors: this process may open ${descriptorLimit()}. Raise the limit with \`ulimit -n 1024\`.`;
    case 'ENFILE':
      return 'The whole system is out of file descriptors. Close other programs.';
    case 'ENOMEM':
    case 'ENOBUFS':
    case 'ERR_WORKER_OUT_OF_MEMORY':
      return 'Out of memory. Close other programs, or raise the memory limit of this one.';
    case 'EAGAIN':
      return "Out of threads or processes. Close other programs, or raise `ulimit -u` or the control group's pids.max.";
    case 'ENOSPC':
      return (error as { call?: string }).call === 'epoll_ctl'
        ? 'This user may watch no more sockets with epoll. Raise fs.epoll.max_user_watches with `sysctl`, or close other programs.'
        : 'The disk is full. Delete something, or write to another disk.';
    case 'EDQUOT':
      return 'The disk quota is used up. Delete something, or write to another disk.';
    default:
      return undefined;
  }
}

/** Why a file can't be written, and what to do, as sentences. */
export function cannotWrite(file: string, error: unknown): string {
  return `Cannot write to ${file}. ${shortageSentence(error) ?? WHY_NOT_WRITTEN[codeOf(error) ?? ''] ?? `The system says ${codeOf(error)}. Name another file.`}`;
}

const WHY_NOT_WRITTEN: Readonly<Record<string, string>> = {
  ENOENT: 'Its folder does not exist. Make the folder, or name another file.',
  EACCES: 'You have no permission. Name another file.',
  EISDIR: 'It is a folder. Name a file in it.',
};

/** For the middle of a sentence: what has run out, otherwise the error's name. */
export function inWords(code: string): string {
  switch (code) {
    case 'ENOSPC':
      return 'the disk is full';
    case 'EDQUOT':
      return 'the disk quota is used up';
    case 'EMFILE':
    case 'ENFILE':
      return 'no file descriptor is left';
    default:
      return code;
  }
}

function descriptorLimit(): number | string {
  try {
    return limitOf('Max open files')?.soft ?? 'no more';
  } catch {
    return 'no more'; // it is read from a file
  }
}

/** Node hides some: why a worker thread could not start is in the text alone, and a file that was not opened is "not found". */
function codeOf(error: unknown): string | undefined {
  const { code, message, syscall = '' } = error as NodeJS.ErrnoException;
  if (code === 'EAGAIN') return syscall.startsWith('spawn') ? code : undefined; // elsewhere: would block
  if (error instanceof RangeError && message === 'Array buffer allocation failed') return 'ENOMEM';
  if (code === 'ERR_WORKER_INIT_FAILED') return /\bE[A-Z]+\b/.exec(message)?.[0];
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_INVALID_PACKAGE_CONFIG') return openingFails() ?? code;
  return code;
}

function openingFails(): string | undefined {
  try {
    closeSync(openSync('.', 'r'));
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}
