// What a student has seen, as text, and whether it is what the server really does.

export interface Evidence {
  /** As the solution states it. */
  readonly answer: string;
  readonly accepts: (text: string) => boolean;
}

/** The text must have this number in it, and no other one. It may differ by `tolerance`. */
export function numberIn(value: number, unit = '', tolerance = 0): Evidence {
  return {
    answer: `${tolerance > 0 ? 'about ' : ''}${value}${unit === '' ? '' : ` ${unit}`}`,
    accepts: (text) => {
      const [first, ...more] = text.match(/\d+(\.\d+)?/g) ?? [];
      return first !== undefined && more.length === 0 && Math.abs(Number(first) - value) <= tolerance;
    },
  };
}

/** One of `words` must be in the text, and none of `wrong`. Capitals, blanks, `-` and `_` do not count. */
export function wordIn(words: readonly [string, ...string[]], wrong: readonly string[] = []): Evidence {
  return {
    answer: words[0],
    accepts: (text) => {
      const said = plain(text);
      return (
        words.some((each) => said.includes(plain(each))) && !wrong.some((each) => said.includes(plain(each)))
      );
    },
  };
}

const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_\s]/g, '');
