// Markdown as lines for a terminal: marked has cut it into tokens, and here they get colours and a width.

import type { ChalkInstance } from 'chalk';
import type { Token, Tokens } from 'marked';
import { escapeControls } from '../terminal/escape.js';
import { padEnd, textWidth } from '../terminal/width.js';
import { wrapColoured } from './styled.js';

const INDENT = '  ';

export class MarkdownLines {
  readonly #chalk: ChalkInstance;
  readonly #width: number;

  /** `width`: of a line, in columns. */
  constructor(chalk: ChalkInstance, width: number) {
    this.#chalk = chalk;
    this.#width = width;
  }

  /** A block's lines, without an empty one before or after. */
  block(token: Token, width = this.#width): string[] {
    switch (token.type) {
      case 'heading':
        return wrapColoured(this.#chalk.bold(this.inline(token as Tokens.Heading)), width);
      case 'paragraph':
      case 'text':
        return wrapColoured(this.inline(token as Tokens.Paragraph), width);
      case 'code':
        return (token as Tokens.Code).text
          .split('\n')
          .map((line) => INDENT + this.#chalk.cyan(escapeControls(line)));
      case 'list':
        return this.#list(token as Tokens.List, width);
      case 'blockquote':
        return this.#blocks((token as Tokens.Blockquote).tokens, width - 2).map(
          (line) => `${this.#chalk.dim('|')} ${line}`,
        );
      case 'table':
        return this.#table(token as Tokens.Table, width);
      case 'hr':
        return [this.#chalk.dim('-'.repeat(Math.min(width, 20)))];
      default:
        return []; // HTML and definitions are for the page
    }
  }

  inline(token: { tokens?: Token[]; text?: string }): string {
    if (token.tokens === undefined)
      return escapeControls(decodeEntities(token.text ?? '').replaceAll('\n', ' '));
    return token.tokens.map((each) => this.#span(each)).join('');
  }

  #span(token: Token): string {
    switch (token.type) {
      case 'strong':
        return this.#chalk.bold(this.inline(token as Tokens.Strong));
      case 'em':
        return this.#chalk.italic(this.inline(token as Tokens.Em));
      case 'del':
        return this.#chalk.strikethrough(this.inline(token as Tokens.Del));
      case 'codespan':
        return this.#chalk.cyan(escapeControls(token.text.replaceAll('\n', ' ')));
      case 'link':
        return this.#link(token as Tokens.Link);
      case 'br':
        return '\n';
      case 'html':
      case 'checkbox':
        return '';
      default:
        return this.inline(token as Tokens.Text);
    }
  }

  /** A link within these documents is of no use in a terminal, one to a site is written out. */
  #link(token: Tokens.Link): string {
    const text = this.inline(token);
    const isElsewhere = /^https?:/.test(token.href) && token.href !== token.text;
    return isElsewhere ? `${text} (${this.#chalk.underline(escapeControls(token.href))})` : text;
  }

  #blocks(tokens: readonly Token[], width: number): string[] {
    const blocks = tokens.map((each) => this.block(each, width)).filter((lines) => lines.length > 0);
    return blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
  }

  #list(token: Tokens.List, width: number): string[] {
    return token.items.flatMap((item, index) => {
      const mark = token.ordered ? `${Number(token.start || 1) + index}. ` : '- ';
      const inner = item.tokens.flatMap((each) => this.block(each, width - mark.length));
      return inner.map((line, at) => (at === 0 ? mark : ' '.repeat(mark.length)) + line);
    });
  }

  /** Columns as wide as their widest cell; where that is too wide for the terminal, a row becomes a short list. */
  #table(token: Tokens.Table, width: number): string[] {
    const rows = [token.header, ...token.rows].map((row) => row.map((cell) => this.inline(cell)));
    const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => textWidth(row[at] ?? ''))));
    const total = widths.reduce((sum, each) => sum + each + 2, 0);
    if (total > width) {
      const [names, ...others] = rows;
      return others.flatMap((row) =>
        row.flatMap((cell, at) => wrapColoured(`${this.#chalk.dim(`${names![at]}:`)} ${cell}`, width)),
      );
    }
    const line = (row: string[]): string =>
      row
        .map((cell, at) => padEnd(cell, widths[at]! + 2))
        .join('')
        .trimEnd();
    return rows.map((row, at) => (at === 0 ? this.#chalk.bold(line(row)) : line(row)));
  }
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ', '#39': "'" };

export function decodeEntities(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|nbsp|#39);/g, (_, name: string) => ENTITIES[name]!);
}
