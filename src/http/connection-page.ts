// /connection for a browser: one small page that needs nothing but itself, fit for a phone.
// It shows a student her own connection, and says what changes when she asks again.

import type { FourTuple } from '../net/four-tuple.js';

/** What `/connection` shows a client about its own connection. */
export interface ConnectionFacts {
  readonly mode: string;
  /** The mode, and what makes this server differ from the plain model. */
  readonly model: string;
  /** How many loops the server has. */
  readonly loops: number;
  readonly fourTuple: FourTuple;
  readonly connection: number;
  readonly fd: number;
  readonly thread: string;
  readonly tid: number;
}

/** What each model means for its client. */
const MEANING: Record<string, string> = {
  iterative: 'One thread serves one connection at a time: while it serves you, everybody else waits.',
  blocking:
    'A thread serves your connection and no other, and sleeps while it waits for you; others have theirs.',
  pool:
    'A fixed number of threads serves all clients, one at a time each. One of them serves you now; you may have waited ' +
    'in the queue for it.',
  processes:
    'A process serves you and nobody else meanwhile. What happens to it, a crash too, happens to no other connection.',
  async:
    'One thread with an event loop serves you and everybody else. The function that serves you is suspended at each ' +
    'await until your socket is ready.',
  completion:
    'One thread with an event loop serves you and everybody else. It asks the kernel to receive and to send, and the ' +
    'kernel reports when that is done.',
  evented: 'One thread with an event loop serves you and everybody else, and never sleeps for one of you.',
};

const SEVERAL_LOOPS =
  'One of several event loops serves you and a part of the others, from your first byte to the close. Each loop is a ' +
  'thread of its own, and when you connect anew it may be another.';

/** What changes when she asks again, and what stays. */
const KEPT =
  'The server keeps this connection open for another request. Ask again soon, and nothing changes. Later, or from ' +
  'another browser, the source port and the id are new.';
const ENDS =
  'The server closes this connection after the reply. Ask again, on a new one: its source port and its id are new; the ' +
  'addresses and the destination port stay. A descriptor that was closed may be used again.';

/** Of a client's name, in characters. */
const LONGEST_NAME = 24;

/**
 * The name that a client gives itself, in a query such as /connection?name=Ada, so that a class can find her connections;
 * undefined where the request has none. Whoever sends it chooses it, so it is made short, and one line of text.
 */
export function clientName(target: string): string | undefined {
  const query = target.indexOf('?');
  if (query < 0 || !target.includes('name=', query)) return undefined;
  const given = new URLSearchParams(target.slice(query + 1)).get('name') ?? '';
  const oneLine = given
    .normalize('NFC')
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  const name = [...oneLine].slice(0, LONGEST_NAME).join('').trim();
  return name === '' ? undefined : name;
}

/** `kept`: whether the connection may carry a next request. `client`: the name that she has given herself. */
export function connectionPage(facts: ConnectionFacts, kept: boolean, client?: string): string {
  const { fourTuple, connection, fd, thread, tid, mode, model, loops } = facts;
  const [sourceAddress, sourcePort, destinationAddress, destinationPort] = fourTuple;
  const again = client === undefined ? '/connection' : `/connection?name=${encodeURIComponent(client)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>connection ${escapeHtml(connection)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Your connection</h1>
<dl>
${rows([
  ['source address', sourceAddress],
  ['source port', sourcePort],
  ['destination address', destinationAddress],
  ['destination port', destinationPort],
])}
</dl>
<p>No other connection has the same four, the 4-tuple. You are the source. The server knows it as:</p>
<dl>
${rows([
  ...(client === undefined ? [] : [['your name', client] as const]),
  ['connection id', connection],
  ['file descriptor', fd],
  ['thread', `${thread} (tid ${tid})`],
  ['model', model],
])}
</dl>
<p>${escapeHtml((loops > 1 ? SEVERAL_LOOPS : MEANING[mode]) ?? '')}</p>
<p><a href="${again}">Ask again</a></p>
<form action="/connection">
<label for="name">${client === undefined ? 'Your name' : 'Another name'}, for the big screen</label>
<input id="name" name="name" maxlength="${LONGEST_NAME}" autocomplete="nickname" required>
<button>Use it</button>
</form>
<p>${kept ? KEPT : ENDS}</p>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --ink: #1a1a1a; --faint: #5f5f5f; --line: #ddd; --link: #0b57b0 }
@media (prefers-color-scheme: dark) {
  :root { --ground: #15171a; --ink: #ececec; --faint: #a3a3a3; --line: #34373b; --link: #8ab8ff }
}
body { background: var(--ground); color: var(--ink); font: 1.125rem/1.45 system-ui, sans-serif; max-width: 34rem;
  margin: 0 auto; padding: 1rem 1.25rem }
h1 { font-size: 1.5rem; margin: 0 0 .5rem }
dl { margin: 0 }
dl div { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding: .3rem 0;
  border-bottom: 1px solid var(--line) }
dt { color: var(--faint) }
dd { margin: 0 0 0 auto; font: 600 1.25rem/1.3 ui-monospace, monospace; overflow-wrap: anywhere }
p { margin: .75rem 0 }
a { color: var(--link); font-size: 1.25rem; font-weight: 600 }
label { display: block; color: var(--faint) }
input, button { font: inherit; padding: .3rem .6rem }
input { width: 12rem; max-width: 60vw }
`;

function rows(facts: readonly (readonly [string, string | number])[]): string {
  return facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`).join('\n');
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(value: string | number): string {
  return String(value).replace(/[&<>"']/g, (each) => ENTITIES[each]!);
}
