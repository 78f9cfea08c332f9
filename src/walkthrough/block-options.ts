// What stands behind the language of a block that is run or verified: its terminal, and its options.

import { USUAL_SECONDS } from './format.js';

/** Any block in another language, or in none, is shown as it is. */
const LANGUAGES = ['sh', 'keys', 'text'] as const;
export type Language = (typeof LANGUAGES)[number];

const TERMINAL = /^[a-z][a-z0-9-]*$/;
const FLAGS = ['stays', 'any-order'];

const WORDS: Record<Language, string> = {
  sh: 'stays, exit=N, within=SECONDS or needs=TOOL,TOOL',
  text: 'any-order, exit=N, within=SECONDS or needs=TOOL,TOOL',
  keys: 'within=SECONDS',
};

export interface BlockOptions {
  terminal: string | undefined;
  stays: boolean;
  anyOrder: boolean;
  exit: number | undefined;
  /** Seconds. */
  within: number;
  needs: readonly string[];
}

/** The language of a fenced block; undefined where it is only to be shown. */
export function languageOf(info: string | undefined): Language | undefined {
  const word = info?.trim().split(/\s+/)[0];
  return LANGUAGES.find((each) => each === word);
}

/** @param info as it stands behind the fence, the language first */
export function readOptions(
  language: Language,
  info: string,
  problem: (sentence: string) => void,
): BlockOptions {
  const [, ...words] = info.trim().split(/\s+/);
  const isNamed = TERMINAL.test(words[0] ?? '') && !FLAGS.includes(words[0]!);
  const options: BlockOptions = {
    terminal: isNamed ? words.shift() : undefined,
    stays: false,
    anyOrder: false,
    exit: undefined,
    within: USUAL_SECONDS,
    needs: [],
  };
  for (const word of words) {
    if (!readOption(language, word, options))
      problem(`Unknown word "${word}" after "${language} TERMINAL". Write ${WORDS[language]}`);
  }
  return options;
}

/** Gives whether the word could be read. */
function readOption(language: Language, word: string, options: BlockOptions): boolean {
  const [name, value] = word.split(/=(.*)/, 2) as [string, string | undefined];
  const number = value !== undefined && /^\d{1,3}$/.test(value) ? Number(value) : undefined;
  if (word === 'stays' && language === 'sh') options.stays = true;
  else if (word === 'any-order' && language === 'text') options.anyOrder = true;
  else if (name === 'exit' && number !== undefined && number < 256 && language !== 'keys')
    options.exit = number;
  else if (name === 'within' && number !== undefined && number > 0) options.within = number;
  else if (name === 'needs' && language !== 'keys' && /^[\w.+-]+(,[\w.+-]+)*$/.test(value ?? ''))
    options.needs = value!.split(',');
  else return false;
  return true;
}
