/** The file that a node keeps its epoch in. */
import { mkdirSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = 'epoch';

/** The epoch that was written down last; null on a fresh node. */
export function readEpoch(directory: string): number | null {
  mkdirSync(directory, { recursive: true });
  try {
    return Number(readFileSync(join(directory, NAME), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** On disk when it resolves. One at a time. */
export async function writeEpoch(directory: string, epoch: number): Promise<void> {
  const path = join(directory, NAME);
  const file = await open(`${path}.new`, 'w');
  await file.writeFile(String(epoch));
  await file.sync();
  await file.close();
  await rename(`${path}.new`, path);
}
