/**
 * Watches a directory of a data volume from the host. A directory that does not exist yet is waited for through its
 * nearest ancestor that does; what it already holds when it is seen is told too.
 */
import { existsSync, readdirSync, statSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';

/** Calls back, in the event itself, with the name of a file that was created, written or renamed into place. */
export function watchDirectory(directory: string, changed: (name: string) => void): Disposable {
  let disposed = false;
  let close: () => void = () => undefined;

  const tellAll = (): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.isFile()) changed(entry.name);
    }
  };

  const watchFiles = (): void => {
    const watcher = watch(directory, { persistent: false }, (_, name) => {
      if (disposed) return;
      if (!isDirectory(directory)) return arm(true);
      if (name !== null && existsSync(join(directory, name))) changed(name);
    });
    watcher.on('error', () => arm(true));
    close = () => watcher.close();
  };

  const watchAncestor = (ancestor: string): void => {
    const watcher = watch(ancestor, { persistent: false }, () => void (disposed || arm(true)));
    watcher.on('error', () => arm(true));
    close = () => watcher.close();
  };

  const arm = (report: boolean): void => {
    close();
    if (disposed) return;
    for (let attempt = 0; ; attempt++) {
      const ancestor = nearestDirectory(directory);
      try {
        if (ancestor === directory) watchFiles();
        else watchAncestor(ancestor);
      } catch (error) {
        // It went away between the look and the watch: look again.
        if (attempt < 10 && (error as NodeJS.ErrnoException).code === 'ENOENT') continue;
        throw error;
      }
      // Created between the look and the watch: such a change is never told.
      if (nearestDirectory(directory) === ancestor) {
        if (ancestor === directory && (report || attempt > 0)) tellAll();
        return;
      }
      close();
    }
  };

  arm(false);
  return {
    [Symbol.dispose]: () => {
      disposed = true;
      close();
    },
  };
}

function nearestDirectory(path: string): string {
  let at = path;
  while (!isDirectory(at) && at !== dirname(at)) at = dirname(at);
  return at;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
