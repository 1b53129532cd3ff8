/** What the harness and its guardian have to agree on. */

/** What the harness says for goodbye: nothing is to be healed. */
export const GOODBYE = 'end';
/** What names, in the run directory, what could not be healed, each with the command that does it. */
export const NOT_HEALED_FILE = 'not-healed.txt';
