/** The changes to a vDSO that make its clock wrong: which bytes, where, and what was there. */
import { readFileSync } from 'node:fs';
import { STUB_ENTRIES, STUB_LENGTH, STUB_MARK } from './clock-stub.ts';
import { ProcessMemory } from './process-memory.ts';
import { whileStopped } from './stopped-process.ts';
import { isVdso, type VdsoFunction, vdsoEnd, vdsoFunctions, vdsoRange } from './vdso-image.ts';

/** Bytes at a place in the image. */
export interface VdsoBytes {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Where the stub goes and where each function jumps to it. */
export interface VdsoLayout {
  /** The stub's place. */
  readonly stub: number;
  readonly jumps: readonly { readonly offset: number; readonly entry: number }[];
  /** The bytes of the stub's place and of the jumps' as the kernel made them. */
  readonly pristine: readonly VdsoBytes[];
}

/** `jmp rel32`: short, so that next to no thread is ever in the midst of what it replaces. */
const JUMP_LENGTH = 5;
const ALIGNMENT = 16;

/** @throws saying what this image lacks */
export function layoutOf(image: Buffer): VdsoLayout {
  if (!isVdso(image)) throw new Error('the vDSO is not one of x86-64');
  const functions = vdsoFunctions(image);
  const jumps = Object.entries(STUB_ENTRIES).map(([name, entry]) => {
    const found = functions.get(name);
    if (found === undefined || found.size < JUMP_LENGTH) throw new Error(`the vDSO has no ${name}`);
    return { offset: found.offset, entry };
  });
  const stub = roomIn(image, functions.get('__vdso_clock_gettime'));
  const at = (offset: number, length: number): VdsoBytes => ({
    offset,
    bytes: Buffer.from(image.subarray(offset, offset + length)),
  });
  const pristine = [...jumps.map(({ offset }) => at(offset, JUMP_LENGTH)), at(stub, STUB_LENGTH)];
  return { stub, jumps, pristine };
}

/** Behind the image's end; where that is full, in the body of a function that is jumped out of. */
function roomIn(image: Buffer, body: VdsoFunction | undefined): number {
  const behind = aligned(vdsoEnd(image));
  const rest = image.subarray(behind, behind + STUB_LENGTH);
  if (rest.length === STUB_LENGTH && rest.every((byte) => byte === 0)) return behind;
  const inside = aligned((body?.offset ?? 0) + JUMP_LENGTH);
  if (body !== undefined && inside + STUB_LENGTH <= body.offset + body.size) return inside;
  throw new Error('the vDSO has no room for a stub');
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

/** What to write for this stub: the stub first, so that no jump ever leads nowhere. */
export function patchOf(layout: VdsoLayout, stub: Buffer): readonly VdsoBytes[] {
  const jumps = layout.jumps.map(({ offset, entry }) => {
    const bytes = Buffer.alloc(JUMP_LENGTH, 0xe9);
    bytes.writeInt32LE(layout.stub + entry - (offset + JUMP_LENGTH), 1);
    return { offset, bytes };
  });
  return [{ offset: layout.stub, bytes: stub }, ...jumps];
}

/** Our own process's image: nobody has changed it, and every other process of this kernel began with the same. */
export function ownImage(): Buffer {
  const range = vdsoRange(process.pid);
  if (range === null) throw new Error('this kernel has no vDSO');
  using memory = new ProcessMemory(process.pid);
  return memory.read(range.start, range.end - range.start);
}

/** What a process has where the stub goes. */
export type ClockState = 'pristine' | 'skewed' | 'other' | 'gone';

/**
 * @param pristine as in the layout, stub last
 * @returns `other`: no image of this kernel's usual kind (a 32-bit program, an emulator); not to be touched
 * @throws when it may not be looked at
 */
export function clockState(pid: number, pristine: readonly VdsoBytes[]): ClockState {
  return unlessGone(pid, 'gone', () => {
    const range = vdsoRange(pid);
    if (range === null) return processGone(pid) ? 'gone' : 'other';
    using memory = new ProcessMemory(pid);
    const stub = pristine.at(-1);
    const mark = memory.read(range.start + (stub?.offset ?? 0), STUB_MARK.length);
    if (mark.equals(STUB_MARK)) return 'skewed';
    return holds(memory, range.start, pristine) ? 'pristine' : 'other';
  });
}

/** The bytes that a process has at these places; null when it is gone. @throws when it may not be looked at */
export function readBytes(pid: number, at: readonly VdsoBytes[]): readonly VdsoBytes[] | null {
  return unlessGone(pid, null, () => {
    const range = vdsoRange(pid);
    if (range === null) return null;
    using memory = new ProcessMemory(pid);
    return at.map(({ offset, bytes }) => ({
      offset,
      bytes: memory.read(range.start + offset, bytes.length),
    }));
  });
}

/** Whether a process has these bytes in its image. @throws when it may not be looked at */
export function hasBytes(pid: number, wanted: readonly VdsoBytes[]): boolean {
  const found = readBytes(pid, wanted);
  return found?.every(({ bytes }, index) => wanted[index]?.bytes.equals(bytes)) ?? false;
}

/**
 * Writes these bytes, in this order, while the process stands still. One that is gone is passed over.
 * @param busy places that no thread may be in meanwhile
 * @throws when it may not, or a thread does not leave those places
 */
export function writeBytes(
  pid: number,
  parts: readonly VdsoBytes[],
  busy: readonly VdsoBytes[],
): void {
  unlessGone(pid, undefined, () => {
    const range = vdsoRange(pid);
    if (range === null) return;
    const places = busy.map(({ offset, bytes }) => ({
      start: range.start + offset,
      end: range.start + offset + bytes.length,
    }));
    using memory = new ProcessMemory(pid, 'write');
    whileStopped(pid, places, () => {
      for (const { offset, bytes } of parts) memory.write(range.start + offset, bytes);
    });
  });
}

function holds(memory: ProcessMemory, start: number, wanted: readonly VdsoBytes[]): boolean {
  return wanted.every(({ offset, bytes }) =>
    memory.read(start + offset, bytes.length).equals(bytes),
  );
}

/** An error is none when the process has ended meanwhile. */
function unlessGone<T>(pid: number, gone: T, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (processGone(pid)) return gone;
    throw error;
  }
}

function processGone(pid: number): boolean {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true; // no such process
  }
}
