/**
 * Ctrl-C: the first heals, saves and tears down; a second one exits at once and says what is left. An exception that
 * nobody caught (a client's timer that threw) is treated alike: nothing may be left behind, and Node's own exit code
 * for it would mean `invalid`.
 */
import { bug } from '../harness/connection.ts';
import { EXIT } from './exit-code.ts';

export interface Interrupts extends Disposable {
  readonly signal: AbortSignal;
}

/** How many runs are there to be ended by signals and exceptions. */
let catching = 0;

/** Catches SIGINT, SIGTERM, SIGHUP and uncaught exceptions until disposed. */
export function catchInterrupts(): Interrupts {
  const controller = new AbortController();
  const stop = (what: string, reason: Error, code: number): void => {
    if (controller.signal.aborted) exitAtOnce(code);
    tell(`\n${what}: healing, saving and removing what was made; once more exits at once\n`);
    controller.abort(reason);
  };
  const caught = (name: NodeJS.Signals): void =>
    stop(name, new Error(`interrupted by ${name}`), EXIT.unknown);
  const threw = (error: unknown): void => {
    const failure = bug('a callback', 'uncaught', error);
    stop(failure.message, failure, EXIT.crash);
  };
  const names: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of names) process.on(name, caught);
  process.on('uncaughtException', threw);
  catching++;
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, caught);
      process.off('uncaughtException', threw);
      catching--;
    },
  };
}

/** Makes an exception that nobody caught, outside a run, exit 255: Node's own code for it would mean `invalid`. */
export function exitOnUncaught(): Disposable {
  const threw = (error: unknown): void => {
    if (catching > 0) return;
    tell(
      `faultline crashed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(EXIT.crash);
  };
  process.on('uncaughtException', threw);
  return { [Symbol.dispose]: () => void process.off('uncaughtException', threw) };
}

function exitAtOnce(code: number): never {
  tell(
    'exiting at once: containers, networks and volumes of this run are left.\n' +
      'See them with:    bin/faultline ls\nRemove them with: bin/faultline heal --all\n',
  );
  process.exit(code);
}

/** The terminal may be gone (SIGHUP, a closed pipe). */
function tell(text: string): void {
  if (process.stderr.writable) process.stderr.write(text);
}
