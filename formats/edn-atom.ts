/** EDN's values that are no collections: numbers, keywords, symbols, characters, strings. */
import { excerptOf } from './format.ts';

type Problem = (message: string) => Error;

const WHOLE = /^[-+]?[0-9]+N?$/;
const DECIMAL = /^[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?M?$/;
const RATIO = /^[-+]?[0-9]+\/[0-9]+$/;
const NOT_EDN = /^[`'~@]/;
const CHARACTERS: Readonly<Record<string, string>> = {
  newline: '\n',
  return: '\r',
  space: ' ',
  tab: '\t',
  formfeed: '\f',
  backspace: '\b',
};
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  '"': '"',
  '\\': '\\',
};

/**
 * `nil`, `true`, `12`, `:word`, `1/2`, `\a`, `##NaN`, `symbol`.
 * @throws what `problem` makes of a message.
 */
export function atomOf(token: string, problem: Problem): unknown {
  const first = token.charCodeAt(0);
  if (first === 58) return token.slice(1); // Keywords.
  if ((first >= 48 && first <= 57) || first === 45 || first === 43) return numberOf(token, problem);
  if (token === 'nil') return null;
  if (token === 'true') return true;
  if (token === 'false') return false;
  if (first === 92) return characterOf(token.slice(1), problem);
  if (token === '##NaN' || token === '##Inf' || token === '##-Inf') return token; // JSON has none.
  if (first === 35 || NOT_EDN.test(token)) {
    throw problem(`expected EDN, got ${excerptOf(token)}`);
  }
  return token;
}

function numberOf(token: string, problem: Problem): unknown {
  if (token.length < 16 && /^-?[0-9]+$/.test(token)) return Number(token) + 0;
  if (token === '-' || token === '+' || /^[-+][^0-9]/.test(token)) return token; // Symbols.
  if (WHOLE.test(token)) {
    const digits = token.replace(/^\+/, '').replace(/N$/, '');
    const number = Number(digits);
    return Number.isSafeInteger(number) ? number + 0 : digits;
  }
  if (DECIMAL.test(token)) return Number(token.replace(/M$/, ''));
  if (RATIO.test(token)) return token.replace(/^\+/, '');
  throw problem(`expected a number, got ${excerptOf(token)}`);
}

function characterOf(name: string, problem: Problem): string {
  if (name.length === 1) return name;
  const known = CHARACTERS[name];
  if (known !== undefined) return known;
  if (/^u[0-9a-fA-F]{4}$/.test(name))
    return String.fromCharCode(Number.parseInt(name.slice(1), 16));
  if (/^[\ud800-\udbff][\udc00-\udfff]$/.test(name)) return name;
  throw problem(`unknown character \\${excerptOf(name)}`);
}

/** The inside of a string literal. @throws what `problem` makes of a message. */
export function unescaped(text: string, problem: Problem): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(
    /\\(?:u([0-9a-fA-F]{4})|([0-7]{1,3})|([^]))/g,
    (all, hex, octal, letter) => {
      if (typeof hex === 'string') return String.fromCharCode(Number.parseInt(hex, 16));
      if (typeof octal === 'string') return String.fromCharCode(Number.parseInt(octal, 8));
      const escape = ESCAPES[letter as string];
      if (escape === undefined) throw problem(`unknown escape ${all} in a string`);
      return escape;
    },
  );
}
