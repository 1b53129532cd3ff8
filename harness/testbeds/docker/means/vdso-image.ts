/**
 * The vDSO (vdso(7)): the code that the kernel maps into each process, by which programs read the clock without a
 * system call. Every 64-bit process of a kernel has the same image, at an address of its own.
 */
import { readFileSync } from 'node:fs';

/** One function of the image. */
export interface VdsoFunction {
  /** Bytes from the image's beginning. */
  readonly offset: number;
  readonly size: number;
}

const DYNAMIC_SYMBOLS = 11;
const SYMBOL_SIZE = 24;
const ELF = Buffer.from('7f454c4602', 'hex'); // 64 bits
const X86_64 = 62;

/** Where a process has its image. @throws when the process is gone, or not ours to look at */
export function vdsoRange(pid: number): { readonly start: number; readonly end: number } | null {
  const maps = readFileSync(`/proc/${pid}/maps`, 'latin1');
  const range = /^([0-9a-f]+)-([0-9a-f]+) .*\[vdso\]$/m.exec(maps);
  if (range?.[1] === undefined || range[2] === undefined) return null;
  return { start: Number.parseInt(range[1], 16), end: Number.parseInt(range[2], 16) };
}

/** Whether this is an image of x86-64. */
export function isVdso(image: Buffer): boolean {
  return image.subarray(0, ELF.length).equals(ELF) && image.readUInt16LE(18) === X86_64;
}

/** Its functions by name (`__vdso_clock_gettime`), from its dynamic symbols (elf(5)). */
export function vdsoFunctions(image: Buffer): ReadonlyMap<string, VdsoFunction> {
  const { offset: sections, size, count } = sectionTable(image);
  const section = (index: number, field: number): number =>
    Number(image.readBigUInt64LE(sections + index * size + field));
  const found = new Map<string, VdsoFunction>();
  for (let index = 0; index < count; index++) {
    const at = sections + index * size;
    if (image.readUInt32LE(at + 4) !== DYNAMIC_SYMBOLS) continue;
    const names = section(image.readUInt32LE(at + 0x28), 0x18);
    const first = section(index, 0x18);
    for (let symbol = first; symbol < first + section(index, 0x20); symbol += SYMBOL_SIZE) {
      const name = textAt(image, names + image.readUInt32LE(symbol));
      const offset = Number(image.readBigUInt64LE(symbol + 8));
      found.set(name, { offset, size: Number(image.readBigUInt64LE(symbol + 16)) });
    }
  }
  return found;
}

/** Where the image ends: behind it, up to the end of the page, there is nothing but zeros. */
export function vdsoEnd(image: Buffer): number {
  const { offset, size, count } = sectionTable(image);
  return offset + size * count;
}

function sectionTable(image: Buffer): { offset: number; size: number; count: number } {
  const offset = Number(image.readBigUInt64LE(0x28));
  return { offset, size: image.readUInt16LE(0x3a), count: image.readUInt16LE(0x3c) };
}

function textAt(image: Buffer, start: number): string {
  return image.toString('latin1', start, image.indexOf(0, start));
}
