// A snapshot as JSON: one document, or one line for each snapshot of --watch.

import { describeEpollMask } from '../posix/epoll-mask.js';
import { escapeControls } from '../terminal/escape.js';
import { connectionOf, type InterestList } from './interest-lists.js';
import type { Snapshot } from './snapshot.js';

/** On one line without `indent`. What is not known is left out. */
export function lookAsJson(look: Snapshot, indent?: number): string {
  const { at, server, acceptQueue, ownQueue, sockets, threads, interestLists, inFlight } = look;
  const { descriptorsReadable, callsReadable } = look;
  const { backlog: _asked, inode: _inode, listeners, loops, workers, ...one } = server;
  const known = workers === 0 ? one : { ...one, workers };
  const lists = interestLists.map(interestListAsJson);
  const document = {
    at,
    server: loops === 1 ? known : { ...known, loops, listeners: listeners.map(({ fd }) => fd) },
    acceptQueue,
    ownQueue,
    sockets: sockets.map(({ inode: _, awaitsAccept, ...socket }) => ({
      ...socket,
      awaitsAccept: awaitsAccept || undefined,
    })),
    threads,
    interestList: lists.length === 1 ? lists[0] : undefined,
    interestLists: lists.length > 1 ? lists : undefined,
    inFlight: inFlight && { fd: inFlight.fd, operations: Object.fromEntries(inFlight.operations) },
    readable: { descriptors: descriptorsReadable, calls: callsReadable },
  };
  return JSON.stringify(document, undefined, indent).split('\n').map(escapeControls).join('\n');
}

function interestListAsJson({ fd: epfd, ofNode, watches }: InterestList): object {
  return {
    fd: epfd,
    watches: watches.map((watch) => ({
      fd: watch.fd,
      interest: describeEpollMask(watch.interest),
      data: watch.data,
      connection: ofNode ? undefined : connectionOf(watch),
    })),
  };
}
