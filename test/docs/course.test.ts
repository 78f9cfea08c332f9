// The course: every walkthrough in docs/walkthroughs holds, twice in a row and on a student's terminal, and leaves nothing
// behind.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { missing } from '../support/tools.js';
import { Classroom, type Run } from '../support/walkthrough.js';

const LIMIT = { timeout: 180_000 };
const FOLDER = fileURLToPath(new URL('../../../docs/walkthroughs/', import.meta.url));
/** What a machine may be without. */
const TOOLS = ['curl', 'ss', 'strace', 'ps', 'nc'];

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

describe('the course', { concurrency: 3 }, () => {
  for (const file of files) {
    const name = file.replace('.md', '');

    it(`${file} holds, twice in a row`, { ...LIMIT, skip: without(file) }, async () => {
      for (let time = 0; time < 2; time++) {
        const { status, run: it } = await run((classroom) =>
          classroom.start([name, '--check', '--port', '0']),
        );
        assert.deepEqual([status, it.stderr], [0, ''], it.stdout);
        assert.doesNotMatch(it.stdout, /Skipped|FAILED/);
      }
    });

    it(`${file} is shown whole on a terminal`, { ...LIMIT, skip: without(file, 'script') }, async () => {
      const { status, run: it } = await run((classroom) =>
        classroom.startInTerminal([name, '--yes', '--port', '0']),
      );
      assert.equal(status, 0, it.all);
      assert.match(it.all, /That was all of it\./);
      assert.doesNotMatch(it.all, /Skipped|\bexpected terminal\b|or mend the text/);
    });
  }

  for (const file of files.filter((each) =>
    blocksOf(each).some((block) => needsOf(block).includes('curl')),
  )) {
    it(`${file} holds without curl`, { ...LIMIT, skip: without(file) }, async () => {
      const { status, run: it } = await run((classroom) => {
        const tools = join(classroom.folder, 'tools');
        linkTools(tools, ['curl']);
        return classroom.start([file.replace('.md', ''), '--check', '--port', '0'], { PATH: tools, CI: '' });
      });
      assert.deepEqual([status, it.stderr], [0, ''], it.stdout);
      assert.match(it.stdout, /Skipped: curl is not installed\./);
    });
  }
});

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
