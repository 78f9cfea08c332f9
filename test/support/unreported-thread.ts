// A thread that serves as any other, and reports nothing: each method of its reporter does nothing at all.
// Started by test/models/unreported.test.ts.

import { workerData } from 'node:worker_threads';
import type { Reporter } from '../../src/lifecycle/reporter.js';
import { beginThread, type ServerThread, type ThreadData } from '../../src/models/server-thread.js';

const { entry, ...data } = workerData as ThreadData & { entry: string };
const report = new Proxy({}, { get: () => () => 0 }) as Reporter;
const { serve } = (await import(entry)) as { serve(thread: ServerThread): void | Promise<void> };
await serve({ ...beginThread(data), report });
