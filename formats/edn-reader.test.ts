import { describe, expect, test } from 'vitest';
import { EdnReader } from './edn-reader.ts';
import { HistoryFormatError } from './format.ts';
import { SourceFile } from './source-file.ts';

const LIMITS = { recordLength: 10_000, depth: 50 };

function read(pieces: readonly string[], limits = LIMITS) {
  const reader = new EdnReader(new SourceFile('x.edn'), limits);
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
}

/** The value of the only member of a map. */
const valueOf = (edn: string): unknown => {
  const [record] = read([`{:v ${edn}}`]);
  return (record?.value as { v?: unknown }).v;
};

describe('values become plain JSON', () => {
  test.each([
    ['nil', null],
    ['true', true],
    [':timed-out', 'timed-out'],
    [':jepsen/kw', 'jepsen/kw'],
    ['sym', 'sym'],
    ['-', '-'],
    ['12', 12],
    ['-0', 0],
    ['+7', 7],
    ['42N', 42],
    ['1.5M', 1.5],
    ['6.02e23', 6.02e23],
    ['1/2', '1/2'],
    ['9007199254740993', '9007199254740993'],
    ['##NaN', '##NaN'],
    ['\\a', 'a'],
    ['\\newline', '\n'],
    ['\\u0041', 'A'],
    ['\\{', '{'],
    ['"a\\n\\"b\\" \\u0041 ]}"', 'a\n"b" A ]}'],
    ['[1 2, 3]', [1, 2, 3]],
    ['(1 (2))', [1, [2]]],
    ['#{1 :b}', [1, 'b']],
    ['{0 100, :k {"s" nil}}', { '0': 100, k: { s: null } }],
    ['#inst "2020-01-01"', '2020-01-01'],
    ['#jepsen.history.Op{:index 1}', { index: 1 }],
    ['#a #b [1]', [1]],
    ['#_ 5 6', 6],
    ['[#_ #_ 1 2 3 #_[4 {5 6}]]', [3]],
    ['[1 ; comment ]\n 2]', [1, 2]],
    ['^{:line 1} [2]', [2]],
    ['^:kw [2]', [2]],
  ])('%s', (edn, expected) => expect(valueOf(edn)).toEqual(expected));
});

describe('records', () => {
  const both = [{ a: 1 }, { b: [2] }];
  test.each([
    ['one after another', '{:a 1}\n{:b [2]}'],
    ['in a vector', '[{:a 1} {:b [2]}]'],
    ['in a list', '({:a 1}, {:b [2]})'],
    ['in a tagged vector', '#jepsen.history.DenseHistory [{:a 1} {:b [2]}]'],
    ['tagged each', '#Op{:a 1} #Op{:b [2]}'],
    ['with some discarded', '[#_{:c 3} {:a 1} {:b [2]} #_{:d 4}]'],
  ])('%s', (_, edn) => expect(read([edn]).map(({ value }) => value)).toEqual(both));

  test('each knows the line it began on', () => {
    const edn = '; one\n[{:a "x\ny"}\n\n {:b\n 2} ; two\n {:c 3}]';
    expect(read([edn]).map(({ line }) => line)).toEqual([2, 5, 7]);
  });

  test('are the same however the text is cut', () => {
    const edn =
      '; c\n[{:a "b\\"c\\\\", :x \\newline} #_ {:no 1}\n #op{:t 12.5, :s #{1 2} :r 1/3} ^:m {:z ##NaN}]';
    const whole = read([edn]);
    expect(whole).toHaveLength(3);
    for (let at = 0; at <= edn.length; at++) {
      expect(read([edn.slice(0, at), edn.slice(at)])).toEqual(whole);
    }
    expect(read(Array.from(edn))).toEqual(whole);
  });

  test('a member may be called __proto__', () => {
    const [record] = read(['{:__proto__ 1}']);
    expect(Object.entries(record?.value as object)).toEqual([['__proto__', 1]]);
  });
});

describe('what is no EDN is refused, with its line', () => {
  test.each([
    ['{:a 1}\n]', /^x.edn:2: "\]" closes nothing/],
    ['[{:a 1}\n{:b [2}]', /^x.edn:2: expected "\]" for what began on line 2, got "}"/],
    ['[{:a 1}\n', /ended too early: expected "\]" for what began on line 1/],
    ['{:a "b', /ended too early: expected '"'/],
    ['{:a}', /a key without a value/],
    ['{:a 1 :a 2}', /the key a is in a map twice/],
    ['{:a 1x}', /expected a number, got 1x/],
    ['{:a #_}', /expected a value for what began on line 1, got "}"/],
    ['{:a \\unknown}', /unknown character/],
    ['{:a "\\q"}', /unknown escape/],
    ["{:a 'b}", /expected EDN, got 'b/],
  ])('%s', (edn, message) => {
    expect(() => read([edn])).toThrow(HistoryFormatError);
    expect(() => read([edn])).toThrow(message);
  });

  test('brackets a million deep are refused, not followed', () => {
    expect(() => read(['{:a ' + '['.repeat(1_000_000)])).toThrow(/more than 50 levels of brackets/);
  });

  test('a text that does not end is refused long before memory is short', () => {
    const pieces = [':v "', ...Array.from({ length: 70 }, () => 'a'.repeat(1 << 18))];
    const limits = { recordLength: 2 ** 28, depth: 50 };
    expect(() => read(pieces, limits)).toThrow(/x.edn:1: a text or number is longer than 16777216/);
  });

  test('a record longer than the limit is refused; many in one line are not', () => {
    expect(() => read(Array.from({ length: 200 }, () => ':abcdefghij '.repeat(10)))).not.toThrow();
    const long = ['{:a ['].concat(Array.from({ length: 2_000 }, () => '1234567 '));
    expect(() => read(long)).toThrow(/longer than 10000 characters/);
  });
});
