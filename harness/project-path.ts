/** Where the project's own files are that are read, not imported: Dockerfiles, the report's page. */
import { fileURLToPath } from 'node:url';

const ROOT = new URL(import.meta.url.endsWith('.ts') ? '../' : '../../', import.meta.url);

/** The path of one of the project's files, from the sources and from what was compiled of them alike. */
export function projectPath(relative: string): string {
  return fileURLToPath(new URL(relative, ROOT));
}
