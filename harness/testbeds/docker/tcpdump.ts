/**
 * tcpdump as a packet capture uses it, wherever it runs.
 */

/** A capture under way. */
export interface Capture {
  /**
   * Ends it; the file is whole then. Never throws for a capture that has ended by itself.
   * @returns how many packets it missed, as far as it could tell
   */
  end(): Promise<number>;
}

/** Of the kernel's memory, for packets not yet taken up. In immediate mode each has a place of the greatest length. */
const BUFFER_KIB = 65_536;
const GREATEST_LENGTH = 65_535;

/**
 * Writes to stdout, so that the file belongs to whoever reads it; each packet at once, so that a capture that is killed
 * with its node (host loss) has all that came before.
 */
export const TCPDUMP_OPTIONS: readonly string[] = [
  ...['-i', 'any', '-n', '-U', '--immediate-mode'],
  ...['-s', String(GREATEST_LENGTH), '-B', String(BUFFER_KIB)],
  ...['-w', '-'],
];

/** What tcpdump says on stderr: that it has begun, and at its end how many packets it missed. */
export class TcpdumpMessages {
  readonly began: Promise<void>;
  #text = '';
  readonly #begin: () => void;
  readonly #fail: (error: Error) => void;

  constructor() {
    const { promise, resolve, reject } = withResolvers();
    this.began = promise;
    this.#begin = resolve;
    this.#fail = reject;
    this.began.catch(() => undefined); // whoever waits for it hears of it
  }

  append(chunk: Buffer): void {
    this.#text += chunk.toString();
    if (/^tcpdump: listening on /m.test(this.#text)) this.#begin();
  }

  /** It has ended: if it never began, the reason is what it said last. */
  ended(): void {
    const last = this.#text.trim().split('\n').at(-1) ?? '';
    this.#fail(new Error(last === '' ? 'tcpdump ended without a word' : last));
  }

  /** Packets that came faster than they could be taken; 0 when it was killed before it could tell. */
  get missed(): number {
    return Number(/^(\d+) packets? dropped by kernel/m.exec(this.#text)?.[1] ?? 0);
  }
}

function withResolvers(): {
  promise: Promise<void>;
  resolve: () => void;
  reject: (error: Error) => void;
} {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
