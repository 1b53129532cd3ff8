/** Edges between transactions with their reasons, for certificates. */
import type { DependencyEdge, DependencyType, TransactionCycle } from '../certificate.ts';
import { nameOf } from '../transactions/columns.ts';
import { lastWriteOf, NOBODY } from './read-sources.ts';
import type { ReadSources } from './read-sources.ts';

/** `to` read from `from`; null when it did not. */
export function readEdge(sources: ReadSources, from: number, to: number): DependencyEdge | null {
  const { columns, firstRead, readKey, readVersion, readFrom } = sources;
  for (let read = firstRead[to] as number; read < (firstRead[to + 1] as number); read++) {
    if (readFrom[read] !== from) continue;
    return {
      from: nameOf(columns, from),
      to: nameOf(columns, to),
      type: 'wr',
      key: columns.versions.keyOf(readKey[read] as number),
      value: columns.versions.valueOf(readVersion[read] as number),
    };
  }
  return null;
}

/** `from` is before `to` in one session; null when it is not. */
export function sessionEdge(
  { columns, sessionOf, placeOf }: ReadSources,
  from: number,
  to: number,
): DependencyEdge | null {
  const isBefore = (placeOf[from] as number) < (placeOf[to] as number);
  if (sessionOf[from] === NOBODY || sessionOf[from] !== sessionOf[to] || !isBefore) return null;
  return { from: nameOf(columns, from), to: nameOf(columns, to), type: 'process' };
}

/** Both write `key`, and `from` comes first, because `witness` reads it from `to` and has `from` before it. */
export function writeEdge(
  sources: ReadSources,
  from: number,
  to: number,
  key: number,
  witness: number,
): DependencyEdge {
  const { columns } = sources;
  return {
    from: nameOf(columns, from),
    to: nameOf(columns, to),
    type: 'ww',
    key: columns.versions.keyOf(key),
    value: columns.versions.valueOf(lastWriteOf(sources, from, key)),
    next: columns.versions.valueOf(lastWriteOf(sources, to, key)),
    witness: nameOf(columns, witness),
    because: 'only-order',
  };
}

/** The version of `key` that `reader` read, and from whom. */
export function readOfKey(
  { firstRead, readKey, readVersion, readFrom }: ReadSources,
  reader: number,
  key: number,
): { readonly version: number; readonly from: number } | null {
  for (let read = firstRead[reader] as number; read < (firstRead[reader + 1] as number); read++) {
    if (readKey[read] !== key) continue;
    return { version: readVersion[read] as number, from: readFrom[read] as number };
  }
  return null;
}

/** `reader` read a version of `key` before `writer` replaced it. @param version what it read. */
export function overwriteEdge(
  sources: ReadSources,
  reader: number,
  version: number,
  writer: number,
  key: number,
  because: NonNullable<DependencyEdge['because']>,
): DependencyEdge {
  const { columns } = sources;
  return {
    from: nameOf(columns, reader),
    to: nameOf(columns, writer),
    type: 'rw',
    key: columns.versions.keyOf(key),
    value: columns.versions.valueOf(version),
    next: columns.versions.valueOf(lastWriteOf(sources, writer, key)),
    because,
  };
}

/** The cycle with the name that its edges make, as Elle names cycles. */
export function cycleOf(
  edges: readonly DependencyEdge[],
  forced: NonNullable<TransactionCycle['forced']> = [],
): TransactionCycle {
  const types = edges.map(({ type }) => type);
  const anomaly = nameOfCycle(types);
  return forced.length === 0
    ? { kind: 'transaction-cycle', anomaly, edges }
    : { kind: 'transaction-cycle', anomaly, edges, forced };
}

function nameOfCycle(types: readonly DependencyType[]): string {
  const rw = types.filter((type) => type === 'rw').length;
  const adjacent = types.some((type, at) => type === 'rw' && types.at(at - 1) === 'rw');
  let name = types.includes('wr') ? 'G1c' : 'G0';
  if (rw === 1) name = 'G-single-item';
  if (rw > 1) name = adjacent ? 'G2-item' : 'G-nonadjacent-item';
  if (types.includes('realtime')) return `${name}-realtime`;
  return types.includes('process') ? `${name}-process` : name;
}
