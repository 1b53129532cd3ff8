/**
 * The one file in a tar archive as the engine's `GET /containers/{id}/archive` sends it (ustar, with pax headers).
 */
import type Docker from 'dockerode';

const BLOCK = 512;

/** Contents of the first regular file. @throws when the archive has none. */
export function firstFile(archive: Buffer): Buffer {
  for (let at = 0; at + BLOCK <= archive.length;) {
    const size = parseInt(archive.toString('latin1', at + 124, at + 136), 8) || 0;
    const type = String.fromCharCode(archive[at + 156] ?? 0);
    const data = at + BLOCK;
    if (type === '0' || type === '\0') {
      if (archive[at] === 0) break; // two empty blocks end the archive
      return archive.subarray(data, data + size);
    }
    at = data + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new Error('expected a file in the archive, found none');
}

/** One file of a container, which need not run. @throws the engine's 404 when it has none such. */
export async function downloadFile(container: Docker.Container, path: string): Promise<Buffer> {
  const stream = await container.getArchive({ path });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return firstFile(Buffer.concat(chunks));
}
