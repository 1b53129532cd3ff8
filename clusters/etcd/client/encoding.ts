/** How the JSON gateway writes bytes, and which range a prefix is. */

/** Base64 of a string's UTF-8, as the gateway wants keys and values. */
export function encodeBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** The string of base64 bytes; an absent field (the gateway leaves out empty ones) is the empty string. */
export function decodeBytes(base64: string | undefined): string {
  return Buffer.from(base64 ?? '', 'base64').toString('utf8');
}

/** The `key` and `range_end` of all keys with this non-empty ASCII prefix. */
export function prefixRange(prefix: string): { readonly key: string; readonly range_end: string } {
  const last = prefix.length - 1;
  const end = prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1);
  return { key: encodeBytes(prefix), range_end: encodeBytes(end) };
}
