// docs/commands.md lists every command and every flag that the program has, and none that it has not.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createProgram } from '../../src/cli/program.js';

const program = await createProgram();
const document = readFileSync(new URL('../../../docs/commands.md', import.meta.url), 'utf8');
const sections = new Map(
  document
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n')[0]!, section]),
);

/** What the first column of a section's table names: its flags and arguments. */
const listed = (section: string): string[] =>
  [...section.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1]!.replaceAll('\\|', '|')).sort();

test('every command has its section, in the order of --help', () => {
  // What is true of all commands stands below them, under a heading in ordinary words.
  assert.deepEqual(
    [...sections.keys()].filter((heading) => !/^[A-Z]/.test(heading)),
    program.commands.map((command) => command.name()),
  );
});

/** The second column, by flag: what holds where a flag is left out. */
const defaults = (section: string): Map<string, string> =>
  new Map(
    Array.from(section.matchAll(/^\| `((?:\\\||[^`|])+)` \| (.*?) ?\| /gm), ([, flag, cell]) => [
      flag!.replaceAll('\\|', '|'),
      cell!,
    ]),
  );

for (const command of program.commands) {
  test(`the flags of ${command.name()}`, () => {
    // What is hidden is between the program's own processes.
    const flags = command.options.filter(({ hidden }) => !hidden).map((option) => option.flags);
    const words = command.registeredArguments.map((each) =>
      each.required ? `<${each.name()}>` : `[${each.name()}]`,
    );
    assert.deepEqual(listed(sections.get(command.name()) ?? ''), [...flags, ...words].sort());
  });

  test(`the defaults of ${command.name()}`, () => {
    const told = defaults(sections.get(command.name()) ?? '');
    for (const { flags, defaultValue, presetArg } of command.options) {
      if (defaultValue !== undefined) assert.equal(told.get(flags), `\`${defaultValue}\``, flags);
      else if (presetArg !== undefined)
        assert.equal(told.get(flags), '', `${flags} has a value only where it is given`);
    }
  });
}
