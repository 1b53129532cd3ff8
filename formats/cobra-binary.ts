/**
 * The binary logs of Cobra's clients (Tan et al., "Cobra", OSDI 2020). Big-endian records: `S` and `C` transaction (8
 * bytes) for start and commit, `W` write, key and value (8 each), `R` writing transaction, write, key and value.
 */
import type { Value } from '../harness/operation.ts';
import type { MicroOperation } from './cobra.ts';
import type { SourceFile } from './source-file.ts';

const LENGTHS: Readonly<Record<string, number>> = { S: 9, C: 9, W: 25, R: 33 };
/** Write ids that stand for the value at the beginning. */
const INITIAL: readonly bigint[] = [0xbebeebeen, 0xdeadbeefn, 0n];

/** A transaction of a session's log. One whose commit was not logged may have happened. */
export interface CobraTransaction {
  readonly parts: readonly MicroOperation[];
  readonly committed: boolean;
}

/**
 * The transactions of one session, in their order.
 * @throws HistoryFormatError naming the byte: of a record that is none, or a log that ends within one.
 */
export async function* cobraTransactions(source: SourceFile): AsyncGenerator<CobraTransaction> {
  let rest: Buffer = Buffer.alloc(0);
  let before = 0;
  let transaction: MicroOperation[] | null = null;
  for await (const chunk of source.chunks()) {
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (; at < bytes.length;) {
      const kind = String.fromCharCode(bytes[at] ?? 0);
      const length = LENGTHS[kind];
      const place = `at byte ${String(before + at)}`;
      if (length === undefined) {
        throw source.problem(
          `${place}: expected a record S, C, W or R, got byte ${String(bytes[at])}`,
          0,
        );
      }
      if (at + length > bytes.length) break;
      if (kind === 'S') {
        if (transaction !== null) yield { parts: transaction, committed: false };
        transaction = [];
      } else if (transaction === null) {
        throw source.problem(`${place}: a record ${kind} outside a transaction; expected S`, 0);
      } else if (kind === 'C') {
        yield { parts: transaction, committed: true };
        transaction = null;
      } else transaction.push(microAt(bytes, at, kind));
      at += length;
    }
    rest = bytes.subarray(at);
    before += at;
  }
  if (rest.length > 0) {
    throw source.problem(`at byte ${String(before)}: the log ends within a record`, 0);
  }
  if (transaction !== null) yield { parts: transaction, committed: false };
}

function microAt(bytes: Buffer, at: number, kind: string): MicroOperation {
  const word = (offset: number): bigint => bytes.readBigUInt64BE(at + offset);
  if (kind === 'W') return ['w', plain(word(9)), plain(word(1))];
  const write = word(9);
  return ['r', plain(word(17)), INITIAL.includes(write) ? null : plain(write)];
}

/** A number where it is exact, else its digits. */
function plain(word: bigint): Value {
  const number = Number(word);
  return Number.isSafeInteger(number) ? number : String(word);
}
