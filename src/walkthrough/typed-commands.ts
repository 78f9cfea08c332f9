// Commands that the student types in place of the lesson's own, for `--type`: asks for them, helps, and remembers them, so
// that a step can be run again up to a block.

import { setTimeout } from 'node:timers/promises';
import type { BlockRun } from './block-run.js';
import { type Dialogue, StepLeft } from './dialogue.js';
import type { Commands } from './format.js';
import { outline } from './hints.js';
import { CTRL_C_KEY, HELP_KEY } from './keyboard.js';

/** How long a typed command may take before the student is asked whether to wait on, in milliseconds. */
const PATIENCE_MS = 2000;
const HOW = "Type the command. Enter alone runs the lesson's. ? hint. s r p l q, then Enter";

export class TypedCommands {
  readonly #dialogue: Dialogue;
  readonly #signal: AbortSignal;
  /** What ran for each block, and was right. */
  readonly kept = new Map<Commands, readonly string[]>();
  /** The latest first. */
  #history: string[] = [];

  constructor(dialogue: Dialogue, signal: AbortSignal) {
    this.#dialogue = dialogue;
    this.#signal = signal;
  }

  /** A command, typed, or the lesson's own. */
  async ask(terminal: string, own: string): Promise<string> {
    for (let hints = 0; ; ) {
      const prompt = { how: HOW, terminal, mark: '$', history: this.#history };
      const line = await this.#dialogue.line(prompt, this.#signal);
      if (line === CTRL_C_KEY) this.#dialogue.quit();
      else if (line === HELP_KEY) this.#hint(own, hints++);
      else if (line === '') return own;
      else {
        this.#history = [line, ...this.#history.filter((each) => each !== line)];
        return line;
      }
    }
  }

  #hint(own: string, before: number): void {
    const { view } = this.#dialogue;
    if (before > 0) return view.list(own.split('\n').map((line) => `  ${line}`));
    view.note(`Hint: ${outline(own)}`, 'Press ? again to see the command.');
    this.#dialogue.helpTyping();
  }

  /** After a while the student may end the wait: what was typed may be a command that never ends. */
  async patiently<T>(blocks: BlockRun, work: () => Promise<T>): Promise<T> {
    const over = new AbortController();
    let left: StepLeft | undefined;
    const asked = this.#offerToEnd(over.signal).then(
      () => blocks.giveUp(),
      (error) => {
        if (!(error instanceof StepLeft)) return; // the work was done before
        left = error;
        blocks.giveUp();
      },
    );
    try {
      return await work();
    } finally {
      over.abort();
      await asked;
      this.#dialogue.view.answered();
      // biome-ignore lint/correctness/noUnsafeFinally: the student has left, whatever came of the work
      if (left !== undefined) throw left;
    }
  }

  async #offerToEnd(signal: AbortSignal): Promise<void> {
    await setTimeout(PATIENCE_MS, undefined, { signal });
    await this.#dialogue.enter('This takes a while. Enter ends the wait', signal);
  }
}
