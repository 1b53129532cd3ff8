/**
 * Reads EDN (Clojure's data notation) by pieces of text, keeping only the value that is being built: a history of any
 * length on a single line costs no more than one on many. Without recursion: brackets nest on a stack of its own.
 *
 * Values become plain JSON: keywords, symbols and characters strings; sets and lists arrays; maps objects; ratios, and
 * whole numbers beyond 2^53, strings of their digits. Of a tagged value the value is read, whatever the tag.
 */
import { excerptOf, type ReadingLimits } from './format.ts';
import { atomOf, unescaped } from './edn-atom.ts';
import { tooLong } from './lines.ts';
import type { SourceFile } from './source-file.ts';

/** A value read, and the line it began on. */
export interface EdnRecord {
  readonly value: unknown;
  readonly line: number;
}

type Kind = 'list' | 'map' | 'tag' | 'discard';

interface Frame {
  readonly kind: Kind;
  /** What closes it; empty for what is over after one value. */
  readonly close: string;
  readonly items: unknown[];
  readonly line: number;
}

const LONGEST_TOKEN = 2 ** 24;
const CLOSES: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '#{': '}' };
/** Ends of tokens, and what may be between them: control characters, blank, comma. */
const isBlank = (code: number): boolean => code <= 32 || code === 44;
const isEnd = (code: number): boolean =>
  isBlank(code) ||
  code === 34 || // "
  code === 40 ||
  code === 41 ||
  code === 59 || // ;
  code === 91 ||
  code === 93 ||
  code === 123 ||
  code === 125;

/**
 * Lists and vectors at the top are gone into, and their elements given one by one; so are several values one after
 * another. What is given is therefore one operation each.
 */
export class EdnReader {
  readonly #source: SourceFile;
  readonly #limits: ReadingLimits;
  readonly #stack: Frame[] = [];
  /** How many frames at the bottom of the stack are lists gone into. */
  #roots = 0;
  #records: EdnRecord[] = [];
  #text = '';
  #at = 0;
  #line = 1;
  /** Characters before this text, and where the record being built began. */
  #base = 0;
  #began = 0;
  /** How far an unfinished string was looked through. */
  #scanned = 0;

  /** @param line the line that the text begins on. */
  constructor(source: SourceFile, limits: ReadingLimits, line = 1) {
    this.#source = source;
    this.#limits = limits;
    this.#line = line;
  }

  /** The line it has got to. */
  get line(): number {
    return this.#line;
  }

  /** The records that end in this piece of text. @throws HistoryFormatError */
  push(text: string): readonly EdnRecord[] {
    this.#base += this.#at;
    this.#text = this.#at === this.#text.length ? text : this.#text.slice(this.#at) + text;
    this.#scanned = Math.max(0, this.#scanned - this.#at);
    this.#at = 0;
    this.#read(false);
    const { recordLength } = this.#limits;
    if (this.#base + this.#text.length - this.#began > recordLength) {
      this.#source.line = this.#line;
      throw tooLong(this.#source, recordLength);
    }
    // What is left is one token that did not end: it is looked at again with every piece that comes.
    if (this.#text.length - this.#at > LONGEST_TOKEN) {
      throw this.#problem(`a text or number is longer than ${String(LONGEST_TOKEN)} characters`);
    }
    return this.#take();
  }

  /** The last record. @throws HistoryFormatError when the text ended within one. */
  end(): readonly EdnRecord[] {
    this.#read(true);
    const open = this.#stack.at(-1);
    if (open !== undefined) {
      const expected = open.close === '' ? 'a value' : `"${open.close}"`;
      throw this.#problem(
        `ended too early: expected ${expected} for what began on line ${String(open.line)}`,
      );
    }
    return this.#take();
  }

  #take(): readonly EdnRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  /** As many tokens as are whole; at the last text also one that ends with it. */
  #read(last: boolean): void {
    const text = this.#text;
    while (this.#skipBlanks(last)) {
      const from = this.#at;
      const first = text.charCodeAt(from);
      if (first === 34) {
        const end = this.#endOfString(from + 1, last);
        if (end < 0) return;
        this.#give(unescaped(text.slice(from + 1, end), (message) => this.#problem(message)));
        this.#lineUntil(from, end);
        this.#at = end + 1;
      } else if (isEnd(first)) {
        this.#at++;
        this.#bracket(text.charAt(from));
      } else {
        const end = this.#endOfToken(from, last);
        if (end < 0) return;
        this.#at = end;
        this.#token(text.slice(from, end));
      }
    }
  }

  /** @returns whether there is a token. */
  #skipBlanks(last: boolean): boolean {
    const text = this.#text;
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at);
      if (code === 10) {
        this.#line++;
        this.#at++;
      } else if (isBlank(code)) {
        this.#at++;
      } else if (code === 59) {
        const end = text.indexOf('\n', this.#at);
        if (end < 0 && !last) {
          // The rest of a comment: as good as one without the text so far.
          this.#base += this.#at;
          this.#text = ';';
          this.#at = 0;
          return false;
        }
        this.#at = end < 0 ? text.length : end;
      } else return true;
    }
    return false;
  }

  #endOfString(from: number, last: boolean): number {
    const text = this.#text;
    let at = Math.max(from, this.#scanned);
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 92) at++;
      else if (code === 34) {
        this.#scanned = 0;
        return at;
      }
    }
    if (last) throw this.#problem("ended too early: expected '\"' at the end of a string");
    // A backslash at the very end is looked at again, with what it escapes.
    this.#scanned = at > text.length ? text.length - 1 : at;
    return -1;
  }

  #endOfToken(from: number, last: boolean): number {
    const text = this.#text;
    let at = from + 1;
    // The character after a backslash belongs to it, whatever it is. A hash mark may stand before a bracket or string.
    if (text.charCodeAt(from) === 92) at++;
    else if (text.charCodeAt(from) === 35) {
      const second = text.charCodeAt(at);
      if (second === 123 || second === 95 || second === 34) return second === 34 ? at : at + 1;
      // `#_` and `#{` in two pieces.
      if (Number.isNaN(second)) return last ? at : -1;
    }
    while (at < text.length && !isEnd(text.charCodeAt(at))) at++;
    return at < text.length || last ? at : -1;
  }

  #bracket(bracket: string): void {
    const close = CLOSES[bracket];
    if (close === undefined) return this.#close(bracket);
    this.#open(bracket === '{' ? 'map' : 'list', close);
  }

  #token(token: string): void {
    if (token === '#{') return this.#open('list', '}');
    if (token === '#_' || token === '^' || token === '#^') return this.#open('discard', '');
    if (token.startsWith('^')) return; // `^:private x`: what is said about x is not its value.
    if (token.startsWith('#') && !token.startsWith('##')) {
      return token === '#' ? undefined : this.#open('tag', '');
    }
    this.#give(atomOf(token, (message) => this.#problem(message)));
  }

  #open(kind: Kind, close: string): void {
    const { depth } = this.#limits;
    if (this.#stack.length >= depth) {
      throw this.#problem(`more than ${String(depth)} levels of brackets; expected operation maps`);
    }
    const isRoot =
      kind === 'list' && this.#roots === 0 && this.#stack.every((frame) => frame.kind === 'tag');
    this.#stack.push({ kind, close, items: [], line: this.#line });
    if (isRoot) this.#roots = this.#stack.length;
  }

  #close(bracket: string): void {
    const frame = this.#stack.pop();
    if (frame === undefined) throw this.#problem(`"${bracket}" closes nothing`);
    if (frame.close !== bracket) {
      const expected = frame.close === '' ? 'a value' : `"${frame.close}"`;
      throw this.#problem(
        `expected ${expected} for what began on line ${String(frame.line)}, got "${bracket}"`,
      );
    }
    if (this.#stack.length < this.#roots) {
      this.#roots = 0;
      return this.#closeTagsOfRoot();
    }
    this.#give(frame.kind === 'list' ? frame.items : this.#mapOf(frame), frame.line);
  }

  /** `#some.History [ … ]`: the list was gone into, so nothing is left for the tag. */
  #closeTagsOfRoot(): void {
    while (this.#stack.length > 0) this.#stack.pop();
  }

  #mapOf({ items, line }: Frame): unknown {
    if (items.length % 2 === 1) {
      throw this.#problem(`the map that began on line ${String(line)} has a key without a value`);
    }
    const map: Record<string, unknown> = {};
    for (let at = 0; at < items.length; at += 2) {
      const key = keyOf(items[at]);
      if (Object.hasOwn(map, key))
        throw this.#problem(`the key ${excerptOf(key)} is in a map twice`);
      if (key === '__proto__') {
        Object.defineProperty(map, key, { value: items[at + 1], enumerable: true });
      } else map[key] = items[at + 1];
    }
    return map;
  }

  /** A value is whole: it goes into what holds it. */
  #give(value: unknown, line = this.#line): void {
    for (;;) {
      if (this.#stack.length === this.#roots) break;
      const holder = this.#stack.at(-1) as Frame;
      if (holder.kind === 'discard') return void this.#stack.pop();
      if (holder.kind !== 'tag') return void holder.items.push(value);
      this.#stack.pop();
    }
    this.#records.push({ value, line });
    this.#began = this.#base + this.#at;
  }

  #lineUntil(from: number, to: number): void {
    for (let at = from; at < to; at++) if (this.#text.charCodeAt(at) === 10) this.#line++;
  }

  #problem(message: string): Error {
    return this.#source.problem(message, this.#line);
  }
}

/** Map keys become the names of members. */
function keyOf(key: unknown): string {
  return typeof key === 'string' ? key : JSON.stringify(key);
}
