/**
 * An anomaly as a picture (SVG): the operations that prove it as intervals, a row a process, with what they did and were
 * answered; the faults in effect behind them; for a cycle, arrows with the reason of each; and where the legal part ends.
 *
 * Along the axis calls and ends are evenly spaced in their real order, since a microsecond often matters beside seconds;
 * the times are written below.
 */
import type { Anomaly } from '../harness/checker.ts';
import type { Operation } from '../harness/operation.ts';
import type { Band } from './drawing.ts';
import { escapeHtml } from './escape-html.ts';

const LEFT = 60;
const TOP = 34;
const ROW = 64;
const BAR = 14;
const STEP = 84;
const RIGHT = 120;
const BOTTOM = 34;
/** More would be no picture. */
const MOST_INTERVALS = 40;
/** Of the reason beside an arrow. */
const MOST_TEXT = 80;
const TEXT_WIDTH = 6.2;

/** The picture as a file of its own; inside HTML it needs no name space. */
export function standalone(picture: string): string {
  return picture.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ');
}

interface Interval {
  readonly begun: Operation;
  /** Undefined when it never completed. */
  readonly ended: Operation | undefined;
}

/** Null when the anomaly names no operation. @param bands all faults of the run, in microseconds. */
export function evidencePicture(
  anomaly: Anomaly,
  history: readonly Operation[],
  bands: readonly Band[],
): string | null {
  const intervals = intervalsOf(anomaly, history).slice(0, MOST_INTERVALS);
  if (intervals.length === 0) return null;
  const axis = new Axis(intervals);
  const rows = [...new Set(intervals.map(({ begun }) => begun.process))];
  const height = TOP + rows.length * ROW + BOTTOM;
  const place = (operation: Operation): number => TOP + rows.indexOf(operation.process) * ROW;
  const parts = [
    ...bands
      .filter(({ id }) => anomaly.faults.includes(id))
      .map((band) => bandPart(band, axis, height)),
    ...rows.map((process, row) => rowPart(process, TOP + row * ROW, axis.width)),
    ...intervals.map((interval) =>
      intervalPart(interval, axis, place(interval.begun), roomOf(interval, intervals, axis)),
    ),
    ...edgeParts(anomaly, intervals, axis, place),
    ...prefixPart(anomaly, axis, height),
    ...axis.labels(height - 12),
  ];
  return (
    `<svg class="evidence" width="${axis.width}" height="${height}" ` +
    `viewBox="0 0 ${axis.width} ${height}" font-family="system-ui, sans-serif" font-size="11">` +
    `<title>${escapeHtml(`${anomaly.name}: ${anomaly.guarantee}`)}</title>` +
    `<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">` +
    `<path d="M0 0 L8 4 L0 8 z" fill="#8250df"/></marker></defs>${parts.join('')}</svg>`
  );
}

function intervalsOf({ operations }: Anomaly, history: readonly Operation[]): Interval[] {
  const open = new Map<number, { begun: Operation; ended: Operation | undefined }>();
  const intervals: { begun: Operation; ended: Operation | undefined }[] = [];
  for (const index of operations) {
    const operation = history[index];
    if (operation === undefined) continue;
    const pending = open.get(operation.process);
    if (operation.type === 'invoke') {
      const interval = { begun: operation, ended: undefined };
      open.set(operation.process, interval);
      intervals.push(interval);
    } else if (pending !== undefined) {
      open.delete(operation.process);
      if (operation.type !== 'info') pending.ended = operation;
    }
  }
  return intervals;
}

/** Calls and ends in their order, evenly spaced. */
class Axis {
  readonly width: number;
  readonly #moments: readonly Operation[];
  readonly #places: ReadonlyMap<number, number>;

  constructor(intervals: readonly Interval[]) {
    const moments = intervals.flatMap(({ begun, ended }) =>
      ended === undefined ? [begun] : [begun, ended],
    );
    this.#moments = moments.sort((a, b) => a.index - b.index);
    this.#places = new Map(this.#moments.map(({ index }, place) => [index, LEFT + place * STEP]));
    this.width = LEFT + (this.#moments.length - 1) * STEP + RIGHT;
  }

  of(operation: Operation): number {
    return this.#places.get(operation.index) ?? LEFT;
  }

  /** Where a line of the history would stand that is none of these. */
  ofIndex(index: number): number {
    const after = this.#moments.findIndex((moment) => moment.index >= index);
    return after < 0
      ? this.width - RIGHT / 2
      : LEFT + after * STEP - (this.#moments[after]?.index === index ? 0 : STEP / 2);
  }

  /** Where a moment in time stands, in microseconds. */
  ofMicros(micros: number): number {
    const after = this.#moments.findIndex(({ time }) => time / 1000 >= micros);
    if (after < 0) return this.width;
    if (after === 0) return LEFT / 2;
    const [from, to] = [this.#moments[after - 1]?.time ?? 0, this.#moments[after]?.time ?? 0];
    const share = to === from ? 0 : (micros * 1000 - from) / (to - from);
    return LEFT + (after - 1 + share) * STEP;
  }

  labels(y: number): string[] {
    return this.#moments.map(
      (moment) =>
        `<text x="${this.of(moment)}" y="${y}" text-anchor="middle" fill="#57606a">${(moment.time / 1e9).toFixed(4)} s</text>`,
    );
  }
}

function bandPart({ kind, nodes, from, to }: Band, axis: Axis, height: number): string {
  const [left, right] = [axis.ofMicros(from), axis.ofMicros(to)];
  const name = escapeHtml(`${kind} ${nodes.join(', ')}`);
  return (
    `<rect x="${left}" y="0" width="${Math.max(4, right - left)}" height="${height - BOTTOM}" fill="#ffebe9"/>` +
    `<text x="${left + 4}" y="12" fill="#a40e26">${name}</text>`
  );
}

function rowPart(process: number, y: number, width: number): string {
  return (
    `<text x="8" y="${y + 42}" fill="#57606a">p${process}</text>` +
    `<line x1="${LEFT - 16}" x2="${width - 8}" y1="${y + 38}" y2="${y + 38}" stroke="#d0d7de" stroke-dasharray="2 4"/>`
  );
}

/** How many characters fit before the next interval of the row begins. */
function roomOf({ begun }: Interval, intervals: readonly Interval[], axis: Axis): number {
  const later = intervals.find(
    (other) => other.begun.process === begun.process && other.begun.index > begun.index,
  );
  const right = later === undefined ? axis.width : axis.of(later.begun);
  return Math.floor((right - axis.of(begun) - 6) / TEXT_WIDTH);
}

function intervalPart({ begun, ended }: Interval, axis: Axis, y: number, room: number): string {
  const left = axis.of(begun);
  const right = ended === undefined ? axis.width - 8 : axis.of(ended);
  const colour = ended === undefined ? '#bf8700' : '#0969da';
  const dash = ended === undefined ? ' stroke-dasharray="4 3"' : '';
  const [asked, answered] = textsOf(begun, ended);
  return (
    `<rect x="${left}" y="${y + 31}" width="${Math.max(3, right - left)}" height="${BAR}" rx="4" fill="${colour}" ` +
    `fill-opacity="0.25" stroke="${colour}"${dash}><title>${escapeHtml(`${asked} ${answered}`)}</title></rect>` +
    `<text x="${left}" y="${y + 14}">${escapeHtml(cut(asked, room))}</text>` +
    `<text x="${left}" y="${y + 27}" fill="#57606a">${escapeHtml(cut(answered, room))}</text>`
  );
}

/** `#12 read` and `→ 3`; `#14 write 5` and `ok`; `#20 cas [1,2]` and `?` for one that never completed. */
function textsOf(begun: Operation, ended: Operation | undefined): [string, string] {
  const asked = begun.value === null ? '' : ` ${JSON.stringify(begun.value)}`;
  const answer =
    ended === undefined ? '?' : ended.type === 'fail' ? 'failed' : answerOf(begun, ended);
  return [`#${begun.index} ${begun.f}${asked}`, answer];
}

function answerOf(begun: Operation, ended: Operation): string {
  const [asked, told] = [JSON.stringify(begun.value), JSON.stringify(ended.value)];
  return asked === told && begun.value !== null ? 'ok' : `→ ${told}`;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(0, most - 1))}…`;
}

function edgeParts(
  { edges = [] }: Anomaly,
  intervals: readonly Interval[],
  axis: Axis,
  place: (operation: Operation) => number,
): string[] {
  const middles = new Map(
    intervals.map(({ begun, ended }) => {
      const right = ended === undefined ? axis.width - RIGHT / 2 : axis.of(ended);
      return [begun.index, { x: (axis.of(begun) + right) / 2, y: place(begun) + 38 }];
    }),
  );
  return edges.flatMap(({ from, to, because }, index) => {
    const [begin, end] = [middles.get(from), middles.get(to)];
    if (begin === undefined || end === undefined) return [];
    const bend = 26 + (index % 3) * 14;
    const [x, y] = [(begin.x + end.x) / 2, (begin.y + end.y) / 2 + bend];
    return [
      `<path d="M${begin.x} ${begin.y} Q${x} ${y + bend / 2} ${end.x} ${end.y}" fill="none" stroke="#8250df" marker-end="url(#arrow)"/>` +
        `<text x="${x}" y="${y}" text-anchor="middle" fill="#8250df">${escapeHtml(cut(because, MOST_TEXT))}</text>`,
    ];
  });
}

function prefixPart({ legalPrefix }: Anomaly, axis: Axis, height: number): string[] {
  if (legalPrefix === undefined) return [];
  const x = axis.ofIndex(legalPrefix);
  return [
    `<line x1="${x}" x2="${x}" y1="16" y2="${height - BOTTOM}" stroke="#cf222e" stroke-width="1.5"/>` +
      `<text x="${x - 4}" y="24" text-anchor="end" fill="#cf222e">legal until here</text>`,
  ];
}
