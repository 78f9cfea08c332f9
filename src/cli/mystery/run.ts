// Lists the diagnoses, judges one, or explains a mystery to the teacher.

import { createInterface } from 'node:readline/promises';
import { closestMatch } from 'leven';
import { DIAGNOSES } from '../../mystery/diagnoses.js';
import { type Diagnosis, MYSTERIES } from '../../mystery/fault.js';
import { isProven } from '../../mystery/judge.js';
import { type Mystery, mysteryOf } from '../../mystery/mystery.js';
import { commandLine } from '../../terminal/command-line.js';
import { terminalSize } from '../../terminal/terminal.js';
import { wrap } from '../../terminal/width.js';
import { CliError, FAILED, WRONG_USAGE } from '../errors.js';
import { twoColumns } from '../examples.js';
import { flagOf } from '../option-values.js';
import type { MysteryFlags } from './flags.js';

/** Lines are never wider, even on a wider terminal: longer ones are harder to read. */
const WIDTH = 80;

/** Gives the exit status: 1 where a diagnosis is not proven. */
export async function mystery(number: number | undefined, flags: MysteryFlags): Promise<number> {
  if (number === undefined || flags.list) {
    print(list());
    return 0;
  }
  const mystery = mysteryOf(number, flags.seed);
  if (flags.solution) print(solution(mystery));
  else if (flags.answer === undefined) print(howToBegin(mystery));
  else return judge(mystery, flags.answer, flags.evidence);
  return 0;
}

function list(): string[] {
  return [
    ...paragraph(
      `\`serve --mystery N\`, with N from 1 to ${MYSTERIES}, starts a server with one fault. Find it from outside. These are the diagnoses; some fit no mystery.`,
    ),
    '',
    ...DIAGNOSES.flatMap(({ name, claim }) => [name, ...paragraph(claim, '  ')]),
    '',
    `Then: ${commandLine('mystery', 'N', '--answer', 'NAME')}`,
  ];
}

function howToBegin({ number, seed }: Mystery): string[] {
  const same = seed === undefined ? [] : ['--seed', seed];
  return [
    ...paragraph(
      'The server works, and one thing is wrong with it. Start it, and look at it from outside with inspect, ss, strace and curl.',
    ),
    '',
    twoColumns([
      [commandLine('serve', '--mystery', String(number), ...same), 'the server'],
      [commandLine('mystery', '--list'), 'what may be wrong'],
      [commandLine('mystery', String(number), ...same, '--answer', 'NAME'), 'your diagnosis'],
    ]),
  ];
}

async function judge(mystery: Mystery, name: string, given: string | undefined): Promise<number> {
  const diagnosis = named(name);
  const evidence = given ?? (await ask(diagnosis.question));
  const claim = `"${diagnosis.claim}"`;
  if (isProven(mystery, diagnosis, evidence)) {
    print(paragraph(`Right: ${claim} ${mystery.fault.cause(mystery.amount)}`));
    return 0;
  }
  print(
    paragraph(
      `Not proven for mystery ${mystery.number}: ${claim} The diagnosis or its evidence is wrong. With this fault: ${diagnosis.sign} The question is: ${diagnosis.question}`,
    ),
  );
  return FAILED;
}

function named(name: string): Diagnosis {
  const found = DIAGNOSES.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = DIAGNOSES.map((each) => each.name);
  const near = closestMatch(name, names, { maxDistance: 3 });
  const suggestion =
    near === undefined ? `\`${commandLine('mystery', '--list')}\` lists all.` : `Did you mean ${near}?`;
  throw new CliError(`No diagnosis is named ${JSON.stringify(name)}. ${suggestion}`, WRONG_USAGE);
}

/** One line of standard input. */
async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  print(paragraph(question));
  if (process.stdin.isTTY) process.stdout.write('> ');
  for await (const line of lines) {
    lines.close();
    return line;
  }
  throw new CliError(
    'A diagnosis needs evidence. Add --evidence with your answer to the question.',
    WRONG_USAGE,
  );
}

function solution({ number, seed, fault, server, amount }: Mystery): string[] {
  const { mode, ...flags } = server;
  const withFlags = Object.entries(flags).map(
    ([name, value]) => ` ${flagOf(name)}${value === true ? '' : ` ${value}`}`,
  );
  return [
    `Mystery ${number}${seed === undefined ? '' : ` of seed ${seed}`}: ${fault.name}`,
    '',
    ...paragraph(`${fault.claim} ${fault.cause(amount)}`),
    '',
    `The server: --mode ${mode}${withFlags.join('')}`,
    `The code:   src/mystery/faults/${fault.name}.ts`,
    '',
    'How to find it, with PID from `inspect`:',
    ...fault.looks.flatMap(([command, shows]) => [`  ${command}`, ...paragraph(shows, '      ')]),
    '',
    ...paragraph(`The question: ${fault.question}`),
    `The evidence: ${fault.evidence(amount).answer}`,
  ];
}

function paragraph(text: string, indent = ''): string[] {
  const columns = Math.min(terminalSize(process.stdout)?.columns ?? WIDTH, WIDTH);
  return wrap(text, columns - indent.length).map((line) => `${indent}${line}`);
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
