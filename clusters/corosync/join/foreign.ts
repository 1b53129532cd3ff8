/** C libraries of corosync, called through koffi (https://koffi.dev), which the image has. */
import { createRequire } from 'node:module';

/** Where the image has its npm packages. */
const PACKAGES = '/opt/group/';

/** cs_error_t of <corosync/corotypes.h>. */
export const OK = 1;
export const TRY_AGAIN = 6;

/** A function of a library: answers with a cs_error_t. */
export type Call = (...values: unknown[]) => number;

/** As much of koffi as is used here. */
export interface Koffi {
  config(settings: Readonly<Record<string, number>>): void;
  load(path: string): { func(prototype: string): Call };
  struct(name: string, members: Readonly<Record<string, unknown>>): unknown;
  array(type: unknown, length: number): unknown;
  proto(prototype: string): unknown;
  pointer(type: unknown): unknown;
  register(callback: (...values: never[]) => void, type: unknown): unknown;
  decode(from: unknown, type: unknown): unknown;
}

/** cpg_dispatch(3) keeps a buffer of 1 MiB on its stack, which is all that koffi gives a call by default. */
const STACK_BYTES = 8 * 1024 * 1024;

let koffi: Koffi | null = null;

/** @throws Error outside of the image */
export function foreign(): Koffi {
  if (koffi === null) {
    koffi = createRequire(PACKAGES)('koffi') as Koffi;
    koffi.config({ sync_stack_size: STACK_BYTES });
  }
  return koffi;
}
