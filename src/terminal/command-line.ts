// Commands that the program suggests to a user, written the way this one was started, so that they work.
// Every such command goes through `commandLine`.

import { basename, delimiter, dirname, relative, sep } from 'node:path';

const NAME = 'evented-demo';
/** For programs that start this one under another name, as the terminals of a walkthrough do. */
export const STARTED_AS = 'EVENTED_DEMO_STARTED_AS';

/** Each word as a shell needs it. */
export function commandLine(...words: readonly string[]): string {
  return [startedAs(), ...words.map(shellWord)].join(' ');
}

/** What a process knows of its own start. */
interface Invocation {
  readonly argv: readonly string[];
  readonly argv0: string;
  readonly env: NodeJS.ProcessEnv;
}

/** `npx evented-demo`, `node bin/evented-demo.js` or `evented-demo`. */
export function startedAs({ argv, argv0, env }: Invocation = process): string {
  const script = argv[1] ?? NAME;
  const told = env[STARTED_AS];
  if (told !== undefined) return told;
  // npm's folders of commands are on no PATH, except while npx or a script of package.json runs.
  if (script.includes(`${sep}node_modules${sep}`)) return `npx ${NAME}`;
  if (basename(script) !== NAME) return `${shellWord(argv0)} ${shellWord(shorter(script))}`;
  const isOnPath = (env.PATH ?? '').split(delimiter).includes(dirname(script));
  return isOnPath ? NAME : shellWord(shorter(script));
}

/** A path as one would type it here. */
function shorter(path: string): string {
  const fromHere = relative('', path);
  return fromHere.length < path.length ? fromHere : path;
}

const shellWord = (text: string): string =>
  /^[\w@%+=:,./\\-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
