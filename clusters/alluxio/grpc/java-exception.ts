/**
 * The text of a Java exception that was serialised (Java Object Serialization Specification, 6.4), as far as a person
 * wants it: the strings in it that are no class names, no signatures, no field names.
 */
const STRING = 0x74;
const MOST_TEXTS = 3;

export function exceptionText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes);
  const texts: string[] = [];
  for (let at = 0; at + 3 <= buffer.length && texts.length < MOST_TEXTS; at++) {
    if (buffer[at] !== STRING) continue;
    const length = buffer.readUInt16BE(at + 1);
    const text = buffer.toString('utf8', at + 3, at + 3 + length);
    if (at + 3 + length > buffer.length || !isProse(text)) continue;
    texts.push(text);
    at += 2 + length;
  }
  return texts.join('; ');
}

/** Words with spaces between them, all printable. */
function isProse(text: string): boolean {
  return /^[\x20-\x7e\n]+$/.test(text) && / /.test(text.trim());
}
