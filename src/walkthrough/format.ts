// What a walkthrough is made of, once its Markdown has been read. docs/walkthroughs/README.md explains it to authors.

import type { Token } from 'marked';
import type { LinePattern } from './pattern.js';

/**
 * Seconds that a command, or an expectation, may take where the block does not say `within=`. A lesson says what must
 * happen, not how soon: on a busy machine everything takes twenty times as long.
 */
export const USUAL_SECONDS = 60;

export interface Walkthrough {
  /** Its name in sentences. */
  readonly file: string;
  readonly title: string;
  /** The first paragraph, without markup. */
  readonly summary: string;
  /** In class; undefined where the text before the first step does not say it. */
  readonly minutes: number | undefined;
  readonly introduction: readonly Token[];
  readonly steps: readonly LessonStep[];
}

/** A `##` section: it starts and stops its own processes, so it can be run by itself. */
export interface LessonStep {
  readonly heading: string;
  readonly line: number;
  readonly items: readonly Item[];
  /** Nothing in it is run by itself: the student tries things out. */
  readonly isExercises: boolean;
}

/** What a student sees one after the other; an answer has parts that are shown so. */
export type ShownItem = Prose | Commands | Keys | Expectation | Question;
export type Item = ShownItem | Answer;

export interface Prose {
  readonly kind: 'prose';
  readonly line: number;
  readonly token: Token;
}

/** What commands, keys and expectations have in common. */
export interface Block {
  /** The line of the block's first line inside the fence. */
  readonly line: number;
  readonly terminal: string;
  /** Seconds. */
  readonly within: number;
  /** Tools that a machine may not have, and io_uring. */
  readonly needs: readonly string[];
}

export interface Commands extends Block {
  readonly kind: 'commands';
  readonly text: string;
  /** Empty until shell-syntax.ts has cut the text. */
  readonly commands: readonly Command[];
  /** The status of the last command; all others must end with 0. */
  readonly exit: number;
  /** The last command is not waited for: it is a server, or a client that waits. */
  readonly stays: boolean;
}

export interface Command {
  /** From the start of the block, counted from 0. */
  readonly line: number;
  readonly text: string;
}

export interface Keys extends Block {
  readonly kind: 'keys';
  readonly keys: readonly string[];
}

export const CTRL_C = 'Ctrl-C';

/** `line` is that of the first pattern. */
export interface Expectation extends Block {
  readonly kind: 'expectation';
  readonly patterns: readonly LinePattern[];
  readonly page: PageBlock;
  readonly anyOrder: boolean;
  /** The command that stayed has ended by itself, with this status. */
  readonly exit: number | undefined;
}

/** What a page shows of an expectation: the fenced block. */
export interface PageBlock {
  /** The line of the block's first line inside the fence. */
  readonly line: number;
  readonly lines: readonly string[];
  /** The patterns stand in a comment after the block, and the block shows the output of a real run. */
  readonly isOutput: boolean;
}

export interface Question {
  readonly kind: 'question';
  readonly line: number;
  readonly token: Token;
  readonly choices: readonly { readonly letter: string; readonly tokens: readonly Token[] }[];
}

export interface Answer {
  readonly kind: 'answer';
  readonly line: number;
  readonly right: string;
  /** Its expectations are the evidence: lines that this step's terminals have printed. */
  readonly items: readonly (Prose | Expectation)[];
}

/** Ends the command with a sentence for each thing that is wrong; never with a stack trace. */
export class WalkthroughError extends Error {
  readonly sentences: readonly string[];

  constructor(...sentences: string[]) {
    super(sentences.join('\n'));
    this.name = 'WalkthroughError';
    this.sentences = sentences;
  }
}
