/** The source of a regular expression, for the flag `u`, that matches this text and nothing else in its place. */
export function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/gu, '\\$&');
}
