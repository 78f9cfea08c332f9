// Where a check takes place: a server that listens, and the clients that come to it.

import { GradeClient, type Received } from './client.js';
import { Failure, NotRun } from './failure.js';
import type { GradedServer } from './graded-server.js';
import { requestFor, type Task, whatWasDue, wrongWith } from './task.js';

export class Testbed {
  readonly server: GradedServer;
  readonly task: Task;
  /** All that are or were there. */
  readonly clients: GradeClient[] = [];
  #isOver = false;

  constructor(server: GradedServer, task: Task) {
    this.server = server;
    this.task = task;
  }

  /** `name`: for sentences, such as `silent client 2`. */
  client(name: string): GradeClient {
    if (this.#isOver) throw new NotRun('The check is over.');
    const client = new GradeClient(this.server.where, name, this.task.protocol);
    this.clients.push(client);
    return client;
  }

  /** The request of the assignment. */
  get request(): string {
    return requestFor(this.task, this.task.path, this.server.where);
  }

  /** Clients that connect. Fails where one cannot. `story`: what they do, as the beginning of a sentence. */
  async connect(number: number, name: string, story: string, seconds: number): Promise<GradeClient[]> {
    const clients = Array.from({ length: number }, (_, i) => this.client(`${name} ${i + 1}`));
    for (const client of clients)
      if (!(await client.connected(seconds * 1000)))
        throw this.failure(story, await client.reply(0), seconds, LISTEN);
    return clients;
  }

  /** A client sends the whole request at once, and has to get a good reply. `story`: all that has happened. */
  async ask(story: string, seconds: number, look: string): Promise<void> {
    const client = this.client('the client that asked');
    client.send(this.request);
    await this.goodReply(client, story, seconds, look);
    client.close();
  }

  async goodReply(client: GradeClient, story: string, seconds: number, look: string): Promise<Received> {
    const reply = await client.reply(seconds * 1000);
    if (wrongWith(reply, this.task, seconds) !== undefined) throw this.failure(story, reply, seconds, look);
    return reply;
  }

  failure(story: string, reply: Received, seconds: number, look: string): Failure {
    const came = wrongWith(reply, this.task, seconds);
    return new Failure(`${story} ${came} ${whatWasDue(this.task)}`, look);
  }

  end(): void {
    this.#isOver = true;
    for (const client of this.clients) client.close();
  }
}

const LISTEN = 'Look at the loop that accepts: does it come back to accept while it serves a client?';
