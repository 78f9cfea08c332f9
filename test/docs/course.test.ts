// The course: every walkthrough in docs/walkthroughs holds on a student's terminal; what it does with curl also holds where
// there is none, right after that on the same port; and nothing is left behind.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { expectationsOf, staleOutputs } from '../../src/walkthrough/page-output.js';
import { parseWalkthrough } from '../../src/walkthrough/parse.js';
import { freePort } from '../../src/walkthrough/port.js';
import { LIMIT } from '../support/limit.js';
import { missing } from '../support/tools.js';
import { Classroom, type Run } from '../support/walkthrough.js';

const FOLDER = fileURLToPath(new URL('../../../docs/walkthroughs/', import.meta.url));
/** What a machine may be without. */
const TOOLS = ['curl', 'ss', 'strace', 'ps', 'nc', 'python3'];

const files = readdirSync(FOLDER).filter((file) => /^\d/.test(file));
const textOf = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

interface Block {
  readonly info: string;
  readonly text: string;
}

const blocksOf = (file: string): Block[] =>
  [...textOf(file).matchAll(/^```(sh .*)\n([\s\S]*?)^```$/gm)].map(([, info, text]) => ({
    info: info!,
    text: text!,
  }));
const needsOf = ({ info }: Block): string[] => /needs=(\S+)/.exec(info)?.[1]?.split(',') ?? [];
const names = (text: string, tool: string): boolean => new RegExp(`(^|[\\s(;|&])${tool}\\s`, 'm').test(text);

/** Why a test of it is skipped: a tool that it needs. */
function without(file: string, ...more: string[]): string | false {
  const tools = [...new Set([...more, ...blocksOf(file).flatMap(needsOf)])];
  return tools.map(missing).find((reason) => reason !== false) ?? false;
}

/** In a classroom of its own, so that several can run at a time: most of the time they wait. */
async function run(start: (classroom: Classroom) => Run): Promise<{ status: number | null; run: Run }> {
  const classroom = new Classroom();
  try {
    const run = start(classroom);
    const { status } = await run.ended;
    assert.deepEqual([classroom.processes(), classroom.folders()], [[], []]);
    return { status, run };
  } finally {
    classroom.close();
  }
}

it('there are walkthroughs, each with a number of its own', () => {
  assert.ok(files.length >= 2);
  assert.equal(new Set(files.map((file) => Number.parseInt(file, 10))).size, files.length);
});

it('the list of the course names each of them once', () => {
  const list = readFileSync(join(FOLDER, 'README.md'), 'utf8');
  const named = [...list.matchAll(/^\| \d+ \| \[[^\]]+\]\(([^)]+)\)/gm)].map((match) => match[1]);
  assert.deepEqual(named, files.toSorted());
});

for (const file of files) {
  it(`${file} says which commands need a tool that a machine may be without`, () => {
    for (const block of blocksOf(file)) {
      const used = TOOLS.filter((tool) => names(block.text, tool));
      assert.deepEqual(
        used.filter((tool) => !needsOf(block).includes(tool)),
        [],
        `\`\`\`${block.info}\n${block.text}`,
      );
    }
  });
}

for (const file of files) {
  it(`${file} shows output, not patterns, and each pattern matches what is shown`, () => {
    const lesson = parseWalkthrough(file, textOf(file));
    assert.deepEqual(staleOutputs(lesson), []);
    const shown = lesson.steps.flatMap(expectationsOf).flatMap(({ page }) => page.lines);
    assert.deepEqual(
      shown.filter((line) => /<[a-z][a-z0-9-]*(, [^>]*)?>/.test(line)),
      [],
    );
  });
}

/** The lesson with the steps alone that use curl; undefined where none does. A step stands by itself. */
function stepsWithCurl(file: string): string | undefined {
  const [introduction, ...steps] = textOf(file).split(/^(?=## )/m);
  assert.equal(steps.length, parseWalkthrough(file, textOf(file)).steps.length);
  const withCurl = steps.filter((step) => /^```sh .*needs=\S*\bcurl\b/m.test(step));
  return withCurl.length === 0 ? undefined : [introduction, ...withCurl].join('');
}

describe('the course', { concurrency: 3 }, () => {
  for (const file of files) {
    const name = file.replace('.md', '');
    const lessonWithCurl = stepsWithCurl(file);

    it(`${file} holds on a terminal, and right after it without curl`, {
      ...LIMIT,
      skip: without(file, 'script'),
    }, async () => {
      const port = `--port=${await freePort()}`;
      const shown = await run((classroom) => classroom.startInTerminal([name, '--yes', port]));
      assert.equal(shown.status, 0, shown.run.all);
      assert.match(shown.run.all, /That was all of it\./);
      assert.doesNotMatch(shown.run.all, /Skipped|\bnever printed\b|fix the lesson/);

      if (lessonWithCurl === undefined) return;
      const checked = await run((classroom) =>
        classroom.start([classroom.file(lessonWithCurl), '--check', port], withoutTools(classroom, ['curl'])),
      );
      assert.deepEqual([checked.status, checked.run.stderr], [0, ''], checked.run.stdout);
      assert.match(checked.run.stdout, /Skipped: curl is not installed\./);
      assert.doesNotMatch(checked.run.stdout, /Skipped: (?!curl )|FAILED/);
    });
  }
});

/** The environment of a machine that has all of this one's tools but these. */
function withoutTools({ folder }: Classroom, but: readonly string[]): NodeJS.ProcessEnv {
  const tools = join(folder, 'tools');
  linkTools(tools, but);
  return { PATH: tools, CI: '' };
}

/** A folder with all that is on the PATH, but for these. */
function linkTools(folder: string, but: readonly string[]): void {
  mkdirSync(folder);
  const seen = new Set(but);
  for (const each of (process.env.PATH ?? '').split(':')) {
    for (const tool of readdirOf(each)) {
      if (seen.has(tool)) continue;
      seen.add(tool);
      symlinkSync(join(each, tool), join(folder, tool));
    }
  }
}

function readdirOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
