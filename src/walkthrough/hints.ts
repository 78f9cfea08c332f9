// The first help for a student who has to type a command: its outline. The second is the command itself.

const BEGINS_ANOTHER = /^(\|\|?|&&?|;)$/;
const FLAG = /^--?[a-z][\w-]*/i;
const SUBCOMMAND = /^[a-z][a-z-]*$/;
const NUMBER = /^\d+$/;
const LEFT_OUT = '...';

/** Each program with its subcommand, its flags and its numbers, such as a port; `...` stands for all else. */
export function outline(command: string): string {
  const outlined: string[] = [];
  let place = 0; // of a word after its program
  for (const word of command.split(/\s+/).filter(Boolean)) {
    const isSeparator = BEGINS_ANOTHER.test(word);
    const flag = FLAG.exec(word)?.[0];
    const isShown = isSeparator || place === 0 || NUMBER.test(word) || (place === 1 && SUBCOMMAND.test(word));
    const shown = flag ?? (isShown ? word : LEFT_OUT);
    if (shown !== LEFT_OUT || outlined.at(-1) !== LEFT_OUT) outlined.push(shown);
    place = isSeparator ? 0 : place + 1;
  }
  return outlined.join(' ');
}
