// From recorded output of strace to events: several models, and what is easily mistaken.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { problemOfEvent } from '../../../src/lifecycle/check-event.js';
import type { LifecycleEvent } from '../../../src/lifecycle/events.js';
import { CallReader } from '../../../src/sources/strace/calls.js';
import type { ModelSeen } from '../../../src/sources/strace/model-seen.js';
import { Translator } from '../../../src/sources/strace/translator.js';

interface Translated {
  readonly events: LifecycleEvent[];
  readonly model: ModelSeen | undefined;
  readonly ports: number[];
  readonly peakThreads: number;
}

function translate(text: string): Translated {
  const events: LifecycleEvent[] = [];
  const ports: number[] = [];
  const translator = new Translator({
    onEvent: (event) => events.push(event),
    onListening: ({ port }) => ports.push(port),
  });
  for (const traced of new CallReader().take(text)) translator.take(traced);
  const { peakThreads } = translator.totals;
  return { events, model: translator.detective.verdict, ports, peakThreads };
}

const recorded = (name: string): string =>
  readFileSync(new URL(`../../../../test/sources/strace/recorded/${name}.txt`, import.meta.url), 'utf8');

const of = <E extends LifecycleEvent['event']>({ events }: Translated, name: E) =>
  events.filter((event): event is Extract<LifecycleEvent, { event: E }> => event.event === name);

/** What strace itself says was accepted, found without our reader. */
const acceptedIn = (text: string): string[] =>
  [...text.matchAll(/(?:accept4?\(|accept4? resumed).* = (\d+)<TCP:\[(.*):(\d+)->(.*):(\d+)\]>/g)].map(
    ([, fd, address, port, peer, peerPort]) => `${fd} ${peer},${peerPort},${address},${port}`,
  );

const bytesIn = (text: string): number =>
  [...text.matchAll(/ (?:recvfrom\(|<\.\.\. recvfrom resumed).* = (\d+) </g)].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  );

const MODELS: readonly [file: string, model: string, because: RegExp][] = [
  ['epoll', 'one loop on epoll', /epoll watched all \d connections, and one thread served them/],
  ['select', 'one loop on select', /select watched all \d connections/],
  ['threads', 'a thread each', /served by a thread that was started for it/],
  ['fork', 'a process each', /served by a process that was started for it/],
  ['nginx', 'prefork with 2, each a loop on epoll', /2 processes wait at the same port/],
];

for (const [file, model, because] of MODELS) {
  describe(`a recording of ${file}`, () => {
    const text = recorded(file);
    const translated = translate(text);

    it('gives the connections that strace shows, each accepted once and closed once', () => {
      const accepted = of(translated, 'accepted');
      assert.ok(accepted.length >= 3);
      assert.deepEqual(
        accepted.map(({ fd, fourTuple }) => `${fd} ${fourTuple}`),
        acceptedIn(text),
      );
      assert.deepEqual(
        accepted.map(({ connection }) => connection),
        accepted.map((_, i) => i + 1),
      );
      assert.deepEqual(
        of(translated, 'closed')
          .map(({ connection }) => connection)
          .toSorted(),
        accepted.map(({ connection }) => connection),
      );
    });

    it('gives as many bytes as strace shows', () => {
      const received = of(translated, 'received').reduce((sum, { bytes }) => sum + bytes, 0);
      assert.equal(received, bytesIn(text));
      assert.equal(
        received,
        of(translated, 'closed').reduce((sum, { bytesIn }) => sum + bytesIn, 0),
      );
    });

    it('gives events as the table has them', () => {
      for (const event of translated.events)
        assert.equal(problemOfEvent(event), undefined, JSON.stringify(event));
    });

    it('names the model, and how it is known', () => {
      assert.equal(translated.model?.model, model);
      assert.match(translated.model.because, because);
    });

    it('reports one listener', () => {
      assert.equal(translated.ports.length, 1);
    });
  });
}

/** A little server, line by line. */
class Script {
  #at = 1;
  text = '';

  line(tid: number, rest: string): this {
    this.text += `${tid} ${(this.#at++ / 1000 + 10).toFixed(6)} ${rest}\n`;
    return this;
  }
}

const listening = (): Script =>
  new Script()
    .line(1, 'socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3<TCP:[1]> <0.000010>')
    .line(1, 'listen(3<TCP:[127.0.0.1:80]>, 5) = 0 <0.000010>');

const CONNECTION = '4<TCP:[127.0.0.1:80->127.0.0.1:5000]>';
const accepting = (): Script =>
  listening().line(1, `accept(3<TCP:[127.0.0.1:80]>, NULL, NULL) = ${CONNECTION} <0.500000>`);

const names = ({ events }: Translated): string[] => events.map(({ event }) => event);

describe('a connection', () => {
  it('that two processes have is closed when both have closed it', () => {
    const script = accepting()
      .line(1, 'clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f) = 2 <0.000100>')
      .line(1, `close(${CONNECTION}) = 0 <0.000010>`);
    assert.deepEqual(of(translate(script.text), 'closed'), []);
    script.line(2, `close(${CONNECTION}) = 0 <0.000010>`);
    assert.deepEqual(
      of(translate(script.text), 'closed').map(({ tid, reason }) => [tid, reason]),
      [[2, 'unanswered']],
    );
  });

  it('that was duplicated is closed with its last descriptor', () => {
    const script = accepting()
      .line(1, `dup(${CONNECTION}) = 9<TCP:[127.0.0.1:80->127.0.0.1:5000]> <0.000010>`)
      .line(1, `close(${CONNECTION}) = 0 <0.000010>`)
      .line(1, 'write(9<TCP:[127.0.0.1:80->127.0.0.1:5000]>, "hi", 2) = 2 <0.000010>')
      .line(1, 'close(9<TCP:[127.0.0.1:80->127.0.0.1:5000]>) = 0 <0.000010>');
    assert.deepEqual(
      translate(script.text).events.map((event) => [event.event, 'fd' in event && event.fd]),
      [
        ['blocked', 3],
        ['resumed', 3],
        ['accepted', 4],
        ['sent', 9],
        ['closed', 9],
      ],
    );
  });

  it('that was passed to another process stays what it was', () => {
    const message = (fd: number): string =>
      `{msg_name=NULL, msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[${fd}<TCP:[127.0.0.1:80->127.0.0.1:5000]>]}], msg_flags=0}, 0) = 1 <0.000010>`;
    const script = listening()
      .line(1, 'fork() = 2 <0.000100>')
      .line(1, `accept(3<TCP:[127.0.0.1:80]>, NULL, NULL) = ${CONNECTION} <0.500000>`)
      .line(1, `sendmsg(7<UNIX-STREAM:[8->9]>, ${message(4)}`)
      .line(1, `close(${CONNECTION}) = 0 <0.000010>`)
      .line(2, `recvmsg(8<UNIX-STREAM:[9->8]>, ${message(6)}`)
      .line(
        2,
        'recvfrom(6<TCP:[127.0.0.1:80->127.0.0.1:5000]>, "GET /a HTTP/1.1\\r\\n", 99, 0, NULL, NULL) = 17 <0.000010>',
      )
      .line(2, 'close(6<TCP:[127.0.0.1:80->127.0.0.1:5000]>) = 0 <0.000010>');
    const translated = translate(script.text);
    assert.deepEqual(names(translated).slice(-4), ['accepted', 'received', 'request', 'closed']);
    assert.deepEqual(
      of(translated, 'closed').map(({ tid, connection, bytesIn }) => [tid, connection, bytesIn]),
      [[2, 1, 17]],
    );
  });

  it('keeps its number when a thread accepts into a descriptor whose close is not back yet', () => {
    const script = accepting()
      .line(
        1,
        'clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD, exit_signal=0} => {parent_tid=[2]}, 88) = 2 <0.000100>',
      )
      .line(2, `close(${CONNECTION} <unfinished ...>`)
      .line(1, 'accept(3<TCP:[127.0.0.1:80]>, NULL, NULL) = 4<TCP:[127.0.0.1:80->127.0.0.1:5001]> <0.000010>')
      .line(2, '<... close resumed>) = 0 <0.001000>');
    const translated = translate(script.text);
    assert.deepEqual(
      of(translated, 'closed').map(({ connection }) => connection),
      [1],
    );
  });

  it('of another program is none of the server’s', () => {
    const script = listening()
      .line(1, 'socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 5<TCP:[2]> <0.000010>')
      .line(1, 'write(5<TCP:[127.0.0.1:6000->127.0.0.1:6379]>, "PING", 4) = 4 <0.000010>')
      .line(1, 'read(5<TCP:[127.0.0.1:6000->127.0.0.1:6379]>, "PONG", 99) = 4 <0.000010>')
      .line(1, 'close(5<TCP:[127.0.0.1:6000->127.0.0.1:6379]>) = 0 <0.000010>');
    assert.deepEqual(names(translate(script.text)), []);
  });
});

describe('a thread', () => {
  it('whose lines come before clone(2) has returned is reported with all it did', () => {
    const script = accepting()
      .line(1, 'clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD, exit_signal=0} <unfinished ...>')
      .line(2, `recvfrom(${CONNECTION}, "x", 99, 0, NULL, NULL) = 1 <0.000010>`)
      .line(2, `recvfrom(${CONNECTION}, "yz", 99, 0, NULL, NULL) = 2 <0.000010>`)
      .line(1, '<... clone3 resumed> => {parent_tid=[0]}, 88) = 2 <0.002309>');
    const translated = translate(script.text);
    assert.deepEqual(names(translated).slice(-3), ['thread-started', 'received', 'received']);
    assert.deepEqual(
      of(translated, 'received').map(({ tid, bytes }) => [tid, bytes]),
      [
        [2, 1],
        [2, 2],
      ],
    );
  });

  it('sleeps in a call on a blocking connection, and says how long', () => {
    const translated = translate(
      accepting().line(1, `recvfrom(${CONNECTION}, "x", 99, 0, NULL, NULL) = 1 <0.280918>`).text,
    );
    assert.deepEqual(
      of(translated, 'resumed').map(({ call, connection, waitedUs }) => [call, connection, waitedUs]),
      [
        ['accept4', undefined, 500000],
        ['recv', 1, 280918],
      ],
    );
  });

  it('does not sleep in a call on a non-blocking one, however long that took', () => {
    for (const makesIt of [
      `fcntl(${CONNECTION}, F_SETFL, O_RDWR|O_NONBLOCK) = 0 <0.000010>`,
      `ioctl(${CONNECTION}, FIONBIO, [1]) = 0 <0.000010>`,
    ]) {
      const script = accepting()
        .line(1, makesIt)
        .line(
          1,
          `recvfrom(${CONNECTION}, 0x7f, 99, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable) <0.005000>`,
        );
      const after = names(translate(script.text)).slice(-2);
      assert.deepEqual(after, ['accepted', 'would-block']);
    }
  });

  it('that a signal woke says so', () => {
    const translated = translate(
      listening()
        .line(
          1,
          'accept(3<TCP:[127.0.0.1:80]>, NULL, NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set) <0.7>',
        )
        .text.replace('<0.7>', '<0.700000>'),
    );
    assert.deepEqual(
      of(translated, 'resumed').map(({ wokenBy }) => wokenBy),
      ['signal'],
    );
  });
});

describe('a request', () => {
  const first = (bytes: string, size: number): string =>
    `recvfrom(${CONNECTION}, ${bytes}, 99, 0, NULL, NULL) = ${size} <0.000010>`;

  it('is read from its pieces, and says who saw it', () => {
    const translated = translate(
      accepting().line(1, first('"GET /a"', 6)).line(1, first('"?b HTTP/1.1\\r\\n"', 13)).text,
    );
    assert.deepEqual(
      of(translated, 'request').map(({ method, target, shownBy }) => [method, target, shownBy]),
      [['GET', '/a?b', 'strace']],
    );
  });

  it('is left out where strace does not show all of its first line, or where it is none', () => {
    for (const line of [
      first('"GET /aaaa"...', 90),
      first('"\\26\\3\\1\\2\\0"', 5),
      first('"PING\\r\\n"', 6),
    ])
      assert.deepEqual(of(translate(accepting().line(1, line).text), 'request'), []);
  });

  it('that was only peeked at is not received twice', () => {
    const peek = `recvfrom(${CONNECTION}, "GET / HTTP/1.1\\r\\n", 99, MSG_PEEK, NULL, NULL) = 16 <0.000010>`;
    const translated = translate(accepting().line(1, peek).line(1, first('"GET / HTTP/1.1\\r\\n"', 16)).text);
    assert.deepEqual(names(translated).slice(-2), ['received', 'request']);
  });
});

describe('threads that serve several connections', () => {
  const client = (port: number): string => `${port - 4990}<TCP:[127.0.0.1:80->127.0.0.1:${port}]>`;
  const accept = (port: number): string =>
    `accept(3<TCP:[127.0.0.1:80]>, NULL, NULL) = ${client(port)} <0.000010>`;
  const serve = (port: number): string => `recvfrom(${client(port)}, "x", 99, 0, NULL, NULL) = 1 <0.000010>`;
  const sleep = (port: number): string => `recvfrom(${client(port)},  <unfinished ...>`;
  const start = (tid: number): string =>
    `clone3({flags=CLONE_VM|CLONE_THREAD} => {parent_tid=[0]}, 88) = ${tid} <0.000100>`;

  it('and that were started for one are idle until the next', () => {
    const script = listening()
      .line(1, accept(5001))
      .line(1, start(2))
      .line(2, serve(5001))
      .line(1, accept(5002))
      .line(2, serve(5002));
    assert.equal(translate(script.text).model?.model, 'a thread each, used again');
  });

  it('are a pool where a connection had to wait for one', () => {
    const script = listening()
      .line(1, accept(5001))
      .line(1, start(2))
      .line(2, serve(5001))
      .line(1, accept(5002))
      .line(2, serve(5001))
      .line(2, serve(5002));
    assert.equal(translate(script.text).model?.model, 'a pool of 1 thread');
  });

  it('are no pool where a further one was on its way, which is when it begins to receive', () => {
    const script = listening()
      .line(1, accept(5001))
      .line(1, start(2))
      .line(2, serve(5001))
      .line(1, accept(5002))
      .line(1, start(3))
      .line(2, serve(5001))
      .line(2, serve(5002));
    assert.equal(translate(script.text).model?.model, 'a thread each, used again');
    script.line(3, sleep(5001)).line(1, accept(5003)).line(2, serve(5002)).line(2, serve(5003));
    assert.equal(translate(script.text).model?.model, 'a pool of 1 thread');
  });

  it('are a pool of each process, where several accept', () => {
    const script = listening().line(1, 'fork() = 10 <0.000100>').line(1, 'fork() = 20 <0.000100>');
    for (const pid of [10, 20]) {
      script
        .line(pid, start(pid + 1))
        .line(pid, accept(5000 + pid))
        .line(pid + 1, serve(5000 + pid));
    }
    const { model } = translate(script.text);
    assert.equal(model?.model, 'a pool of 2 processes');
    for (const pid of [10, 20])
      script
        .line(pid, start(pid + 2))
        .line(pid, accept(5001 + pid))
        .line(pid + 2, serve(5001 + pid));
    assert.equal(translate(script.text).model?.model, 'prefork with 2, each a pool of threads');
  });
});

describe('the threads of a server', () => {
  it('are counted without those of the shell that started it', () => {
    const shell = new Script().line(9, 'vfork() = 1 <0.000100>');
    const script = listening();
    script.text = shell.text + script.text;
    script.line(1, 'fork() = 2 <0.000100>').line(2, '+++ exited with 0 +++');
    assert.equal(translate(script.text).peakThreads, 2);
  });
});

describe('a call', () => {
  const call = (text: string): LifecycleEvent => translate(accepting().line(1, text).text).events.at(-1)!;
  const on = { connection: 1, fd: 4 };

  it('that receives says how much its buffers could have taken', () => {
    const calls: readonly [text: string, bytes: number, room: number][] = [
      [`read(${CONNECTION}, "x", 1) = 1 <0.000010>`, 1, 1],
      [`recvfrom(${CONNECTION}, "a, 7", 99, 0, NULL, NULL) = 4 <0.000010>`, 4, 99],
      [
        `readv(${CONNECTION}, [{iov_base="iov_len=7", iov_len=9}, {iov_base="", iov_len=5}], 2) = 9 <0.000010>`,
        9,
        14,
      ],
      [`recvmsg(${CONNECTION}, {msg_iov=[{iov_base="x", iov_len=8}], msg_iovlen=1}, 0) = 1 <0.000010>`, 1, 8],
    ];
    for (const [text, bytes, room] of calls) {
      const { at: _, ...event } = call(text);
      assert.deepEqual(event, { event: 'received', thread: 'server', tid: 1, ...on, bytes, room });
    }
  });

  it('that sends says what it was given, where the kernel took less', () => {
    const calls: readonly [text: string, asked: number | undefined][] = [
      [`write(${CONNECTION}, "abc", 3) = 3 <0.000010>`, undefined],
      [`sendto(${CONNECTION}, "abc"..., 9000, MSG_NOSIGNAL, NULL, 0) = 3 <0.000010>`, 9000],
      [
        `writev(${CONNECTION}, [{iov_base="\\", iov_len=9", iov_len=4}, {iov_base="b", iov_len=1}], 2) = 3 <0.000010>`,
        5,
      ],
      [`sendfile(${CONNECTION}, 5</srv/f>, [0] => [3], 2147483647) = 3 <0.000010>`, undefined], // the file's end
    ];
    for (const [text, asked] of calls) {
      const event = call(text);
      assert.ok(event.event === 'sent');
      assert.deepEqual([event.bytes, event.asked], [3, asked], text);
    }
  });
});

it('a listener has the options that were set on its socket before', () => {
  const listened: unknown[] = [];
  const translator = new Translator({
    onEvent: () => {},
    onListening: ({ options }) => listened.push(options),
  });
  const text = new Script()
    .line(1, 'socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3<TCP:[1]> <0.000010>')
    .line(1, 'setsockopt(3<TCP:[1]>, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0 <0.000010>')
    .line(1, 'setsockopt(3<TCP:[1]>, SOL_SOCKET, SO_REUSEPORT, [1], 4) = 0 <0.000010>')
    .line(1, 'setsockopt(3<TCP:[1]>, SOL_SOCKET, SO_REUSEPORT, [0], 4) = 0 <0.000010>')
    .line(1, 'listen(3<TCP:[127.0.0.1:80]>, 5) = 0 <0.000010>')
    .line(1, 'listen(9<TCP:[127.0.0.1:81]>, 5) = 0 <0.000010>').text; // inherited: nobody saw its options
  for (const traced of new CallReader().take(text)) translator.take(traced);
  assert.deepEqual(listened, [['SO_REUSEADDR'], undefined]);
});

it('a process that did not end in order has an event that says how', () => {
  const ended = (how: string): unknown[] =>
    of(translate(listening().line(1, `+++ ${how} +++`).text), 'process-ended').map(
      ({ child, status, signal }) => [child, status ?? signal],
    );
  assert.deepEqual(ended('exited with 0'), []);
  assert.deepEqual(ended('exited with 3'), [[1, 3]]);
  assert.deepEqual(ended('killed by SIGPIPE'), [[1, 'SIGPIPE']]);
  assert.deepEqual(ended('killed by SIGSEGV (core dumped)'), [[1, 'SIGSEGV']]);
});
