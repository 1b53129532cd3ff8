/** Cuts JSON into the objects of a top-level list (or one after another), however long its lines are. */
import { excerptOf, type ReadingLimits } from './format.ts';
import { tooLong } from './lines.ts';
import type { SourceFile } from './source-file.ts';

/** The text of an object, and the line it begins on. */
export interface JsonRecord {
  readonly text: string;
  readonly line: number;
}

/** Looks at brackets and strings only; the objects themselves are for JSON.parse. */
export class JsonRecords {
  readonly #source: SourceFile;
  readonly #limits: ReadingLimits;
  /** The piece being looked through, and how far. */
  #text = '';
  #at = 0;
  #line = 1;
  /** Where in the piece the object being read begins, or goes on; -1 between objects. */
  #from = -1;
  #fromLine = 1;
  /** What earlier pieces hold of the object being read: joined once, so that its length costs no more than itself. */
  #begun: string[] = [];
  #begunLength = 0;
  #depth = 0;
  #inString = false;
  /** Whether the list around the objects is not begun, open, or closed. */
  #list: 'none' | 'open' | 'closed' = 'none';
  #given = 0;

  constructor(source: SourceFile, limits: ReadingLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  /** The line it has got to. */
  get line(): number {
    return this.#line;
  }

  /** The objects that end in this piece. @throws HistoryFormatError */
  push(piece: string): readonly JsonRecord[] {
    // A backslash at the end of the piece before makes the first character of this one plain.
    this.#at = Math.max(0, this.#at - this.#text.length);
    this.#text = piece;
    if (this.#from >= 0) this.#from = 0;
    const records: JsonRecord[] = [];
    while (this.#at < piece.length) {
      const record = this.#from < 0 ? this.#between() : this.#within();
      if (record !== null) records.push(record);
    }
    if (this.#from >= 0) this.#keep(piece.slice(this.#from));
    return records;
  }

  #keep(part: string): void {
    this.#begun.push(part);
    this.#begunLength += part.length;
    if (this.#begunLength > this.#limits.recordLength) {
      throw tooLong(this.#source, this.#limits.recordLength);
    }
  }

  /** @throws HistoryFormatError when the text ended within an object or the list. */
  end(): void {
    if (this.#from >= 0) {
      throw this.#problem(
        `ended too early: expected "}" for what began on line ${String(this.#fromLine)}`,
      );
    }
    if (this.#list === 'open') throw this.#problem('ended too early: expected "]"');
  }

  /** A character between objects. */
  #between(): null {
    const character = this.#text.charAt(this.#at);
    if (character === '\n') this.#line++;
    else if (character === '{') {
      this.#from = this.#at;
      this.#fromLine = this.#line;
      this.#depth = 0;
      return null; // Read again as its first character.
    } else if (character === '[' && this.#list === 'none' && this.#given === 0) this.#list = 'open';
    else if (character === ']' && this.#list === 'open') this.#list = 'closed';
    else if (!' \t\r,'.includes(character)) {
      const got = excerptOf(this.#text.slice(this.#at, this.#at + 40));
      throw this.#problem(`expected an operation as a JSON object, got ${got}`);
    }
    this.#at++;
    return null;
  }

  /** From where it is to the end of the object, or of the text. */
  #within(): JsonRecord | null {
    const text = this.#text;
    let at = this.#at;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.#inString) {
        if (code === 92) at++;
        else if (code === 34) this.#inString = false;
      } else if (code === 34) this.#inString = true;
      else if (code === 10) this.#line++;
      else if (code === 123 || code === 91) this.#depth++;
      else if ((code === 125 || code === 93) && --this.#depth === 0) {
        const part = text.slice(this.#from, at + 1);
        const whole = this.#begun.length === 0 ? part : this.#begun.join('') + part;
        const record = { text: whole, line: this.#fromLine };
        this.#begun = [];
        this.#begunLength = 0;
        this.#at = at + 1;
        this.#from = -1;
        this.#given++;
        return record;
      }
    }
    // May be one beyond the end, when a backslash was the last character.
    this.#at = at;
    return null;
  }

  #problem(message: string): Error {
    return this.#source.problem(message, this.#line);
  }
}
