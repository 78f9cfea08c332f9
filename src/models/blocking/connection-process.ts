// A child process: serves the connection that it was started with and ends, or with --prefork accepts one after the other.
// What it has of the parent are two descriptors: its connection or the listener, and the memory that both map.

import { nowUs } from '../../lifecycle/clock.js';
import { THREAD } from '../../lifecycle/server-memory.js';
import { listenerOn } from '../../net/listener.js';
import { dieWithParent, exitNow } from '../../posix/system-calls.js';
import { Acceptor } from '../acceptor.js';
import type { Calls } from '../calls.js';
import { endThread } from '../end-thread.js';
import { ServerConnection } from '../server-connection.js';
import { beginThread, type ServerThread } from '../server-thread.js';
import { Conversation } from './conversation.js';
import { handOver, takeOver } from './hand-over.js';
import { DATA, type ProcessData, SOCKET_FD } from './process-data.js';

function serveOne(thread: ServerThread, conversation: Conversation): void {
  const connection = new ServerConnection(thread.options, thread.handle);
  takeOver(thread.shared, connection);
  const ending = conversation.serve(connection);
  // The end of the process would close it: what is left open needs a process that stays.
  while (ending === 'left-open' && !thread.memory.stopping) thread.memory.sleepUntilStop();
}

function acceptAndServe(thread: ServerThread, calls: Calls, conversation: Conversation): void {
  const { memory, shared, options, handle, sys } = thread;
  const listener = listenerOn(sys, SOCKET_FD);
  const connection = new ServerConnection(options, handle);
  const acceptor = new Acceptor(thread, calls, listener, () => connection);
  while (!memory.stopping) {
    const accepted = acceptor.accept();
    if (typeof accepted === 'string') continue;
    handOver(shared, accepted); // if this process is killed, the parent reports what became of the connection
    shared.connectionBegins();
    conversation.serve(accepted);
  }
}

const data = JSON.parse(process.env[DATA]!) as ProcessData;
if (!dieWithParent(data.parent)) exitNow(1);
// A stop sends it: the handler does nothing, but the call that this process sleeps in ends with EINTR (signal(7)).
process.on('SIGTERM', () => {});
const thread = beginThread(data);
const { shared, report, tid } = thread;
const calls = thread.calls(0);
const conversation = new Conversation(thread, calls);
report.threadStarted(shared.connection, tid, shared.serial, nowUs() - data.startedAt);
if (data.accepts) acceptAndServe(thread, calls, conversation);
else serveOne(thread, conversation);
endThread(thread);
shared.changeState(THREAD.busy, THREAD.dismissed); // the main thread gives the part to the next when this process is gone
exitNow(0);
