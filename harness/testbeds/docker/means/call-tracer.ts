/**
 * strace(1) on a server's processes, tampering with their system calls. It is ready before it is told whom to trace, and
 * it dies with the harness (PR_SET_PDEATHSIG, prctl(2)); a tracer that is gone leaves what it traced as it was.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { processStarted } from '../../../guardian/process-started.ts';
import type { UndoAct } from '../../../undo.ts';

/** Waits for a line of pids, and becomes strace of those. SIGTERM lets strace finish the call it is at. */
const LAUNCHER = String.raw`
use strict; use POSIX ();
my ($parent, @argv) = @ARGV;
my $prctl = (POSIX::uname())[4] eq 'aarch64' ? 167 : 157;
syscall($prctl, 1, 15) == 0 or die "prctl: $!\n";
exit 0 if getppid != $parent;
syswrite STDOUT, "ready\n";
my $line = ''; while ($line !~ /\n/) { sysread(STDIN, my $text, 4096) or exit 0; $line .= $text }
{ no warnings; exec { $argv[0] } @argv, map { ('-p', $_) } split ' ', $line; }
die "$argv[0]: $!\n";
`;
/** How strace marks calls that it changed, in version 4.22 and later. */
const TAMPERED = /\((?:INJECTED|DELAYED)\)/g;
const LONGEST_KEPT = 2000;

export class CallTracer {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #started: string;
  readonly #ended: Promise<void>;
  readonly #ready: Promise<void>;
  #said = '';
  #partial = '';
  #tampered = 0;

  /** Gets ready. @param argv of strace, without whom to trace */
  constructor(argv: readonly string[]) {
    const stdio = ['pipe', 'pipe', 'pipe'] as ['pipe', 'pipe', 'pipe'];
    // A session of its own: Ctrl-C in the terminal is for the harness alone.
    this.#child = spawn('perl', ['-e', LAUNCHER, String(process.pid), 'strace', ...argv], {
      detached: true,
      stdio,
    });
    this.#child.unref();
    this.#started = processStarted(this.#child.pid ?? 0) ?? '';
    this.#child.stdin.on('error', () => undefined); // It ended: `said` tells why.
    this.#child.stderr.on('data', (text: Buffer) => this.#hear(text.toString()));
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#said += error.message;
        resolve();
      });
      this.#child.once('close', () => resolve());
    });
    this.#ready = new Promise((resolve) => void this.#child.stdout.once('data', () => resolve()));
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  /** Calls that it failed, delayed or answered so far. */
  get tampered(): number {
    return this.#tampered;
  }

  /** What it complained about. */
  get said(): string {
    return this.#said.trim();
  }

  /** @throws when it cannot even wait */
  async ready(): Promise<void> {
    await Promise.race([this.#ready, this.#ended]);
    if (this.#said !== '') throw new Error(this.#said.trim());
  }

  /** Begins to trace these, in one write. */
  trace(pids: readonly number[]): void {
    this.#child.stdin.write(`${pids.join(' ')}\n`);
  }

  /** Makes sure that it is gone. */
  undo(node: string): UndoAct {
    return { act: 'detach-tracer', node, pid: this.#child.pid ?? 0, started: this.#started };
  }

  /** Ends it before it has traced anything. */
  dismiss(): void {
    this.#child.stdin.end();
  }

  #hear(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) {
      this.#tampered += line.match(TAMPERED)?.length ?? 0;
      if (/^(?:strace|perl|prctl)\b/.test(line) && this.#said.length < LONGEST_KEPT)
        this.#said += `${line}\n`;
    }
  }
}
