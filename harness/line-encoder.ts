/**
 * Writes the lines of `history.jsonl` byte by byte: JSON with the keys in one order. Several times as fast as
 * `JSON.stringify`, which is called only for objects and for strings that need escapes.
 */
import type { Journal } from './journal.ts';
import type { OperationError, OperationType, Value } from './operation.ts';

/** Bytes that the fixed parts and the numbers of a line may take, on top of fragments, value, session and error. */
const FIXED_BYTES = 160;
/** Longer strings are faster through the engine's own encoder. */
const SHORT_STRING = 64;

const INDEX = bytesOf('{"index":');
const TIME = bytesOf(',"time":');
const PROCESS = bytesOf(',"process":');
const SESSION = bytesOf(',"session":');
const ERROR = bytesOf(',"error":');
const END = bytesOf('}\n');
const NULL = bytesOf('null');
const TRUE = bytesOf('true');
const FALSE = bytesOf('false');
const DIGITS = new Uint8Array(20);

/** `,"type":"ok","f":"read","value":` for each type of one `f`. */
type Heads = Readonly<Record<OperationType, Uint8Array>>;

/** Encodes into one journal's block. */
export class LineEncoder {
  readonly #journal: Journal;
  readonly #heads = new Map<string, Heads>();
  readonly #tails = new Map<string, Uint8Array>();
  /** The journal's block while a line is written, and where in it. */
  #bytes: Uint8Array;
  #at = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
    this.#bytes = journal.block;
  }

  /**
   * Writes one line.
   * @throws StoreFullError when the disk is full, TypeError when the value is not JSON; nothing is written then
   */
  write(
    index: number,
    time: number,
    process: number,
    type: OperationType,
    f: string,
    value: Value,
    node: string,
    session: string | undefined,
    error: OperationError | undefined,
  ): void {
    const head = (this.#heads.get(f) ?? this.#addHeads(f))[type];
    const tail = this.#tails.get(node) ?? this.#addTail(node);
    this.#begin(head.length + tail.length + FIXED_BYTES);
    this.#fragment(INDEX);
    this.#integer(index);
    this.#fragment(TIME);
    this.#integer(time);
    this.#fragment(PROCESS);
    this.#integer(process);
    this.#fragment(head);
    this.#value(value);
    this.#fragment(tail);
    if (session !== undefined) {
      this.#fragment(SESSION);
      this.#string(session);
    }
    if (error !== undefined) {
      this.#fragment(ERROR);
      this.#text(JSON.stringify(error));
    }
    this.#fragment(END);
    this.#journal.commit(this.#at);
  }

  #begin(bytes: number): void {
    const journal = this.#journal;
    journal.room(bytes);
    this.#bytes = journal.block;
    this.#at = journal.length;
  }

  /** Room for this many bytes and the rest of the line's fixed parts; keeps what of the line is written. */
  #reserve(bytes: number): void {
    if (this.#at + bytes + FIXED_BYTES <= this.#bytes.length) return;
    const journal = this.#journal;
    const written = this.#bytes.slice(journal.length, this.#at);
    journal.room(written.length + bytes + FIXED_BYTES);
    this.#bytes = journal.block;
    this.#bytes.set(written, journal.length);
    this.#at = journal.length + written.length;
  }

  #fragment(fragment: Uint8Array): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < fragment.length; i++) bytes[at++] = fragment[i] as number;
    this.#at = at;
  }

  /** A non-negative integer. Digits come out in two parts, because 32-bit arithmetic is so much faster. */
  #integer(value: number): void {
    if (value < 0x40000000) {
      this.#at = writeDigits(this.#bytes, this.#at, value | 0, 1);
      return;
    }
    const high = Math.floor(value / 1e9);
    const low = (value - high * 1e9) | 0;
    this.#integer(high);
    this.#at = writeDigits(this.#bytes, this.#at, low, 9);
  }

  #value(value: Value): void {
    if ((value ?? null) === null) this.#fragment(NULL);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'string') this.#string(value);
    else if (typeof value === 'boolean') this.#fragment(value ? TRUE : FALSE);
    else if (Array.isArray(value)) this.#array(value as readonly Value[]);
    else this.#text(json(value));
  }

  #number(value: number): void {
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER && Number.isInteger(value)) {
      this.#integer(value);
    } else this.#text(json(value));
  }

  #array(values: readonly Value[]): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = 0x5b;
    for (let i = 0; i < values.length; i++) {
      this.#reserve(32);
      if (i > 0) this.#bytes[this.#at++] = 0x2c;
      this.#value(values[i] as Value);
    }
    this.#reserve(1);
    this.#bytes[this.#at++] = 0x5d;
  }

  #string(text: string): void {
    if (text.length > SHORT_STRING) return this.#text(JSON.stringify(text));
    this.#reserve(text.length + 2);
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = 0x22;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) {
        return this.#text(JSON.stringify(text));
      }
      bytes[at++] = code;
    }
    bytes[at++] = 0x22;
    this.#at = at;
  }

  #text(text: string): void {
    this.#reserve(text.length * 3);
    this.#at += (this.#bytes as Buffer).write(text, this.#at);
  }

  #addHeads(f: string): Heads {
    const head = (type: OperationType): Uint8Array =>
      bytesOf(`,"type":"${type}","f":${JSON.stringify(f)},"value":`);
    const heads = {
      invoke: head('invoke'),
      ok: head('ok'),
      fail: head('fail'),
      info: head('info'),
    };
    this.#heads.set(f, heads);
    return heads;
  }

  #addTail(node: string): Uint8Array {
    const tail = bytesOf(`,"node":${JSON.stringify(node)}`);
    this.#tails.set(node, tail);
    return tail;
  }
}

/** @param width the least number of digits, filled with zeros. */
function writeDigits(bytes: Uint8Array, at: number, value: number, width: number): number {
  let rest = value;
  let count = 0;
  while (rest > 0 || count < width) {
    const tenth = (rest / 10) | 0;
    DIGITS[count++] = 48 + (rest - tenth * 10);
    rest = tenth;
  }
  while (count > 0) bytes[at++] = DIGITS[--count] as number;
  return at;
}

/** @throws TypeError for what is not JSON (a function, a symbol, a cycle, a bigint). */
function json(value: Value): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`a value must be JSON, got ${typeof value}`);
  return text;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
