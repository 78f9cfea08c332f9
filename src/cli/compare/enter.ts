// Enter, as an answer.

import { aborted } from '../../compare/aborted.js';

/** False where the answer is Ctrl-C or the end of the input. */
export function enterPressed(question: string, until: AbortSignal): Promise<boolean> {
  const { stdin } = process;
  process.stderr.write(question);
  return new Promise((resolve) => {
    const answer = (wanted: boolean): void => {
      stdin.off('data', onLine).off('end', onEnd).pause();
      if (!wanted) process.stderr.write('\n');
      resolve(wanted);
    };
    const onLine = (): void => answer(true);
    const onEnd = (): void => answer(false);
    stdin.on('data', onLine).on('end', onEnd);
    aborted(until).then(onEnd);
  });
}
