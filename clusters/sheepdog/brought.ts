/** Sheepdog's binaries, as a user brings them: a folder with `sheep` and `dog` (or `collie`), or with a `.deb`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names the folder. */
export const OPTION = 'sheepdog';
/** How to say where they are. */
export const BRING =
  'no Debian release has its package any more; bring the binaries: ' +
  `--${OPTION} <folder that holds sheep and dog, or a .deb>`;

/** Programs of Sheepdog's, the present names and that of the tool before 0.7. */
const PROGRAMS: readonly string[] = ['sheep', 'dog', 'collie'];

/** Where the node's script looks for them. */
export const PLACE = '/opt/brought';

/**
 * The files of the folder that matter, to be placed in a node as base64 text.
 * @throws RangeError when none was named, or the folder has no Sheepdog
 */
export function broughtFiles(folder: string | undefined): Readonly<Record<string, string>> {
  if (folder === undefined) throw new RangeError(BRING);
  const names = namesIn(folder).filter((name) => PROGRAMS.includes(name) || name.endsWith('.deb'));
  const hasPackage = names.some((name) => name.endsWith('.deb'));
  if (!hasPackage && !names.includes('sheep')) {
    throw new RangeError(`${folder} holds neither a sheep nor a .deb. ${BRING}`);
  }
  return Object.fromEntries(
    names.map((name) => [
      `${PLACE}/${name}.base64`,
      readFileSync(join(folder, name)).toString('base64'),
    ]),
  );
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RangeError(`${why}. ${BRING}`, { cause: error });
  }
}
