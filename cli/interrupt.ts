/** Ctrl-C: the first heals, saves and tears down; a second one exits at once and says what is left. */
import { EXIT } from './exit-code.ts';

export interface Interrupts extends Disposable {
  readonly signal: AbortSignal;
}

/** Catches SIGINT, SIGTERM and SIGHUP until disposed. */
export function catchInterrupts(): Interrupts {
  const controller = new AbortController();
  const caught = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) exitAtOnce();
    process.stderr.write(
      `\n${name}: healing, saving and removing what was made; once more exits at once\n`,
    );
    controller.abort(new Error(`interrupted by ${name}`));
  };
  const names: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of names) process.on(name, caught);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, caught);
    },
  };
}

function exitAtOnce(): never {
  process.stderr.write(
    'exiting at once: containers, networks and volumes of this run are left.\n' +
      'See them with:    bin/faultline ls\nRemove them with: bin/faultline heal --all\n',
  );
  process.exit(EXIT.unknown);
}
