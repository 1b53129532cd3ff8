/** What a run shows while it goes: one status line on a terminal, plain lines elsewhere. */
import { SECOND } from '../harness/operation.ts';
import type { Progress, RunStatus } from '../harness/progress.ts';

/** Everything goes to stderr: stdout is for results (`--json`). */
export function commandLineProgress(): Progress {
  return process.stderr.isTTY ? terminalProgress(process.stderr) : plainProgress(process.stderr);
}

function plainProgress(out: NodeJS.WriteStream): Progress {
  const line = (text: string): void => void out.write(`${text}\n`);
  return {
    say: (text) => line(`  ${text}`),
    phaseBegan: (phase) => line(`phase ${phase}`),
    phaseEnded: (phase, took) => line(`phase ${phase} ended after ${(took / SECOND).toFixed(1)} s`),
    status: () => undefined,
  };
}

function terminalProgress(out: NodeJS.WriteStream): Progress {
  let previous: RunStatus | null = null;
  let shown = false;
  const clear = (): void => {
    if (shown) out.write('\r\x1b[2K');
    shown = false;
  };
  const line = (text: string): void => {
    clear();
    out.write(`${text}\n`);
  };
  return {
    say: (text) => line(`  ${text}`),
    phaseBegan: (phase) => {
      clear();
      out.write(`phase ${phase} …`);
      shown = true;
    },
    phaseEnded: (phase, took) => line(`phase ${phase} ${(took / SECOND).toFixed(1)} s`),
    status: (status) => {
      clear();
      out.write(statusLine(status, previous).slice(0, out.columns));
      shown = true;
      previous = status;
    },
  };
}

/** `drive 12.3 s | 512/s | ok 6100 fail 3 info 12 | partition-1`. */
export function statusLine(status: RunStatus, previous: RunStatus | null): string {
  const done = status.ok + status.fail + status.info;
  const before = previous === null ? 0 : previous.ok + previous.fail + previous.info;
  const seconds = (status.elapsed - (previous?.elapsed ?? 0)) / SECOND;
  const rate = seconds > 0 ? Math.round((done - before) / seconds) : 0;
  const faults = status.faults.length === 0 ? 'no fault' : status.faults.join(', ');
  const counts = `ok ${status.ok} fail ${status.fail} info ${status.info}`;
  return `${status.phase} ${(status.elapsed / SECOND).toFixed(1)} s | ${rate}/s | ${counts} | ${faults}`;
}
