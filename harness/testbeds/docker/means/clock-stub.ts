/**
 * The code that makes a process's wall clock wrong: what is put in place of the vDSO's clock functions.
 *
 * It asks the kernel by a system call and moves the answer, for CLOCK_REALTIME and CLOCK_REALTIME_COARSE only; all other
 * clocks are answered as they are. The move is computed from the time itself, so a clock that strobes or drifts needs
 * nobody who keeps rewriting it, and is the same in every process that has the same numbers.
 */
import type { ClockSkew } from '../../../means/clock.ts';

/** The first bytes of the stub: by these it is known for ours. */
export const STUB_MARK = Buffer.from('FLclock1', 'latin1');

/** Where in the stub each function's replacement begins. */
export const STUB_ENTRIES = {
  __vdso_clock_gettime: 0x28,
  __vdso_gettimeofday: 0x60,
  __vdso_time: 0xa5,
} as const;

/**
 * x86-64, position-independent, 8-aligned. Assembled from:
 *
 *     mark:   .ascii "FLclock1"
 *     base:   .quad 0               # nanoseconds since 1970, as are all below
 *     by:     .quad 0
 *     period: .quad 0               # 0: always
 *     rate:   .quad 0               # (rate - 1) * 2^32
 *     clock_gettime:                # edi clock, rsi timespec
 *       mov eax,228; syscall; test eax,eax; jnz 1f
 *       test edi,edi; jz 2f; cmp edi,5; jne 1f
 *     2: imul rax,[rsi],1000000000; add rax,[rsi+8]; call skew
 *       mov ecx,1000000000; xor edx,edx; div rcx; mov [rsi],rax; mov [rsi+8],rdx; xor eax,eax
 *     1: ret
 *     gettimeofday:                 # rdi timeval, rsi timezone
 *       mov eax,96; syscall; test eax,eax; jnz 1f; test rdi,rdi; jz 1f
 *       imul rax,[rdi],1000000; add rax,[rdi+8]; imul rax,rax,1000; call skew
 *       mov ecx,1000; xor edx,edx; div rcx; mov ecx,1000000; xor edx,edx; div rcx
 *       mov [rdi],rax; mov [rdi+8],rdx; xor eax,eax
 *     1: ret
 *     time:                         # rdi time_t, or 0
 *       push rdi; sub rsp,16; mov edi,5; mov rsi,rsp; call clock_gettime
 *       mov rax,[rsp]; add rsp,16; pop rdi; test rdi,rdi; jz 1f; mov [rdi],rax
 *     1: ret
 *     skew:                         # rax: the time -> the skewed time
 *       mov r8,rax; sub rax,[rip+base]; mov r9,rax
 *       imul qword ptr [rip+rate]; shrd rax,rdx,32; add r8,rax
 *       mov rcx,[rip+period]; test rcx,rcx; jz 1f
 *       mov rax,r9; cqo; idiv rcx; test al,1; jnz 2f
 *     1: add r8,[rip+by]
 *     2: mov rax,r8; ret
 */
const CODE = Buffer.from(
  [
    '464c636c6f636b310000000000000000000000000000000000000000000000000000000000000000',
    'b8e40000000f0585c0752c85ff740583ff05752348690600ca9a3b48034608e87d000000b900ca9a',
    '3b31d248f7f14889064889560831c0c3b8600000000f0585c075394885ff743448690740420f0048',
    '0347084869c0e8030000e842000000b9e803000031d248f7f1b940420f0031d248f7f14889074889',
    '570831c0c3574883ec10bf050000004889e6e871ffffff488b04244883c4105f4885ff7403488907',
    'c34989c0482b0535ffffff4989c148f72d43ffffff480facd0204901c0488b0d2cffffff4885c974',
    '0c4c89c8489948f7f9a80175074c03050cffffff4c89c0c3',
  ].join(''),
  'hex',
);

export const STUB_LENGTH = CODE.length;

const BASE = 8;
const BY = 16;
const PERIOD = 24;
const RATE = 32;

/** The stub for one skew. @param since the wall clock's milliseconds since 1970 that strobes and drifts begin at */
export function stubFor(skew: ClockSkew, since: number): Buffer {
  const stub = Buffer.from(CODE);
  stub.writeBigInt64LE(BigInt(Math.round(since)) * 1_000_000n, BASE);
  if (skew.kind === 'drift') {
    stub.writeBigInt64LE(BigInt(Math.round((skew.rate - 1) * 2 ** 32)), RATE);
    return stub;
  }
  stub.writeBigInt64LE(BigInt(Math.round(skew.by)), BY);
  if (skew.kind === 'strobe') stub.writeBigInt64LE(BigInt(Math.round(skew.period)), PERIOD);
  return stub;
}

/** By how many milliseconds a clock is off at a true time. @param since as for `stubFor` */
export function offMillis(skew: ClockSkew, since: number, at: number): number {
  switch (skew.kind) {
    case 'jump':
      return skew.by / 1e6;
    case 'strobe':
      return Math.trunc((at - since) / (skew.period / 1e6)) % 2 === 0 ? skew.by / 1e6 : 0;
    case 'drift':
      return (at - since) * (skew.rate - 1);
  }
}
