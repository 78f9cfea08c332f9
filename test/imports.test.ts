// Who imports whom: one way, from the system calls at the bottom up to the command line, and no model another model. And who
// declares what: a reader who has met a name does not meet another thing of that name.
// Reads the sources themselves, so that the picture in the documentation stays true.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** From the bottom up: a folder may import from itself and from those before it. */
const FOLDERS = [
  'posix',
  'net',
  'http',
  'lifecycle',
  'models',
  'mystery',
  'sources',
  'terminal',
  'advice',
  'doctor',
  'inspect',
  'board',
  'live',
  'clients',
  'compare',
  'page',
  'pictures',
  'walkthrough',
  'grade',
  'cli',
];

const root = fileURLToPath(new URL('../../', import.meta.url)); // this file is run from build/test
const src = join(root, 'src');

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));

/** Every source that a source names, whether it imports it, its types, or starts a thread with it. */
const imports = files
  .flatMap((from) =>
    [...readFileSync(join(src, from), 'utf8').matchAll(/['"`](\.\.?\/[^'"`]+\.js)['"`]/g)].map((match) => ({
      from,
      to: relative(src, join(src, dirname(from), match[1]!)),
    })),
  )
  .filter(({ to }) => !to.startsWith('..')); // the launcher, as a command to start

const show = ({ from, to }: { from: string; to: string }): string => `${from} imports ${to}`;

test('every import is found, and names a source that is there', () => {
  const written = files.flatMap((path) => [
    ...readFileSync(join(src, path), 'utf8').matchAll(/(?:from|import) ?\(?['"]\./g),
  ]).length;
  assert.ok(files.length > 0 && written > 0);
  assert.ok(imports.length >= written, `${written} imports are written, ${imports.length} were read`);
  assert.deepEqual(
    imports.filter(({ to }) => !existsSync(join(src, to.replace(/\.js$/, '.ts')))).map(show),
    [],
  );
});

test('every source lies in a folder that has its place', () => {
  assert.deepEqual(
    files.filter((path) => !FOLDERS.includes(path.split('/')[0]!)),
    [],
  );
});

test('imports go one way, from the bottom up', () => {
  const place = (path: string): number => FOLDERS.indexOf(path.split('/')[0]!);
  assert.deepEqual(imports.filter(({ from, to }) => place(to) > place(from)).map(show), []);
});

test('no files import each other in a circle', () => {
  const of = (path: string): string[] =>
    imports.filter(({ from }) => from === path).map(({ to }) => to.replace(/\.js$/, '.ts'));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' -> '));
    if (done.has(path) || way.includes(path)) return;
    for (const next of of(path)) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of files) visit(path, []);
  assert.deepEqual(circles, []);
});

test('serve loads no other command, and nothing that only others need', () => {
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    const built = readFileSync(join(root, 'build/src', path), 'utf8'); // where imports of types are gone
    for (const [, name] of built.matchAll(/(?:from|^import) '(\.[^']+)'/gm)) load(join(dirname(path), name!));
  };
  for (const path of ['cli/main.js', 'cli/serve/command.js', 'cli/serve/run.js']) load(path);
  load('sources/system-call-server.js');
  const folders = new Set([...loaded].map((path) => dirname(path).replace(/^(?!cli)(\w+)\/.*/, '$1')));
  const needed = ['posix', 'net', 'http', 'lifecycle', 'models', 'mystery', 'sources', 'terminal'];
  assert.deepEqual([...folders].sort(), [...needed, 'cli', 'cli/serve'].sort());
});

test('no model imports another', () => {
  const model = (path: string): string | undefined => /^models\/(?!loop\/)([^/]+)\//.exec(path)?.[1];
  assert.deepEqual([...new Set(files.map(model))].filter(Boolean).toSorted(), [
    'async',
    'blocking',
    'completion',
    'evented',
    'portable',
  ]);
  const across = imports.filter(({ from, to }) => model(from) && model(to) && model(from) !== model(to));
  assert.deepEqual(across.map(show), []);
});

/** Every model or scenario has its own, and it means the same in all of them. */
const ROLES = ['Conversation', 'Step', 'Wait', 'scenario', 'serve'];
/** Options and the fields of an assignment say with the same word what they take. */
const SAME_MEANING = ['wholeNumber'];

test('a name has one meaning', () => {
  const declared =
    /^(?:export )?(?:abstract )?(?:class|interface|type|enum) (\w+)|^export (?:async )?(?:function\*?|const|let) (\w+)/gm;
  const places = new Map<string, string[]>();
  for (const path of files)
    for (const [, type, value] of readFileSync(join(src, path), 'utf8').matchAll(declared)) {
      const name = type ?? value!;
      places.set(name, [...(places.get(name) ?? []), path]);
    }
  const twice = [...places].filter(
    ([name, { length }]) => length > 1 && ![...ROLES, ...SAME_MEANING].includes(name),
  );
  assert.deepEqual(
    twice.map(([name, paths]) => `${name}: ${paths.join(', ')}`),
    [],
  );
});

test('the launcher imports the built program and nothing else', () => {
  const launcher = readFileSync(join(root, 'bin/evented-demo.js'), 'utf8');
  const loaded = Array.from(launcher.matchAll(/(?:from|import|import\() ?'([^']+)'/g), ([, name]) => name!);
  assert.deepEqual(
    loaded.filter((name) => !name.startsWith('node:')),
    ['../build/src/cli/main.js'],
  );
});
