// The clients of a sweep, seen from the main thread: what they have to do, and what they found.

import { Worker } from 'node:worker_threads';
import type { TallyFigures } from '../../clients/tally.js';
import type { ClientsReport, ClientsTask } from './clients-thread.js';
import type { SweepLoad } from './result.js';

/** Of the 28,231 ports that an address has by default (ip(7)): far from all of them. */
const CONNECTIONS_PER_ADDRESS = 5_000;

export class Clients {
  readonly #worker: Worker;
  #held = 0;

  constructor(port: number) {
    this.#worker = new Worker(new URL('./clients-thread.js', import.meta.url), { workerData: { port } });
  }

  /** Until there are this many; reports their number from time to time. Figures of all connections so far. */
  async hold(connections: number, onHolding: (held: number) => void): Promise<TallyFigures> {
    const post = (report: ClientsReport): void => {
      if (report.kind === 'holding') onHolding(report.held);
    };
    this.#worker.on('message', post);
    let figures: TallyFigures = { answered: 0, failed: 0, failures: {} };
    while (this.#held < connections) {
      // Of 127.0.0.0/8 every address is this machine's, and has ports of its own.
      const address = Math.floor(this.#held / CONNECTIONS_PER_ADDRESS);
      const count = Math.min(connections, (address + 1) * CONNECTIONS_PER_ADDRESS) - this.#held;
      const from = address === 0 ? undefined : `127.0.0.${address + 1}`;
      ({ figures } = await this.#do({ kind: 'hold', count, from }));
      this.#held += count;
    }
    this.#worker.off('message', post);
    return figures;
  }

  async probe(requests: number): Promise<TallyFigures> {
    return (await this.#do({ kind: 'probe', requests })).figures;
  }

  async load(connections: number, seconds: number): Promise<SweepLoad> {
    return (await this.#do({ kind: 'load', connections, seconds })).load;
  }

  /** Whatever they do; the kernel closes their connections. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #do<K extends ClientsTask['kind']>(
    task: ClientsTask & { kind: K },
  ): Promise<Extract<ClientsReport, { kind: K }>> {
    return new Promise((resolve, reject) => {
      const onMessage = (report: ClientsReport): void => {
        if (report.kind !== task.kind) return;
        this.#worker.off('message', onMessage).off('error', reject);
        resolve(report as Extract<ClientsReport, { kind: K }>);
      };
      this.#worker.on('message', onMessage).once('error', reject);
      this.#worker.postMessage(task);
    });
  }
}
