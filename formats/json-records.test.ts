import { describe, expect, test } from 'vitest';
import { JsonRecords } from './json-records.ts';
import { parseJson } from './json-text.ts';
import { SourceFile } from './source-file.ts';

const source = new SourceFile('x.json');

function read(pieces: readonly string[], recordLength = 1_000) {
  const reader = new JsonRecords(source, { recordLength, depth: 50 });
  const records = pieces.flatMap((piece) => reader.push(piece));
  reader.end();
  return records;
}

describe('objects of a list, or one after another', () => {
  test.each([
    ['[{"a":1},\n{"b":"}]\\"{"}]', [1, 2]],
    ['{"a":1}\n{"b":{"c":[{}]}}\n', [1, 2]],
    [' [ {"a":1} , {"b":2} ] \n', [1, 1]],
  ])('%s', (json, lines) => {
    const whole = read([json]);
    expect(whole.map(({ line }) => line)).toEqual(lines);
    expect(whole.map(({ text }) => JSON.parse(text) as unknown)[0]).toEqual({ a: 1 });
    // However the text is cut.
    for (let at = 0; at <= json.length; at++) {
      expect(read([json.slice(0, at), json.slice(at)])).toEqual(whole);
    }
    expect(read(Array.from(json))).toEqual(whole);
  });

  test.each([
    ['[1]', /x.json:1: expected an operation as a JSON object, got 1/],
    ['[{"a":1}', /expected "\]"/],
    ['{"a":1}\n{"b":', /x.json:2: ended too early: expected "}" for what began on line 2/],
    ['[{}][{}]', /expected an operation/],
  ])('%s is refused', (json, message) => expect(() => read([json])).toThrow(message));

  test('an object longer than the limit is refused', () => {
    const endless = Array.from({ length: 1_000 }, () => '"abcdefgh",');
    expect(() => read(['[{"a":[', ...endless], 500)).toThrow(/longer than 500 characters/);
    expect(
      read(
        Array.from({ length: 1_000 }, () => '{"a":1},'),
        500,
      ),
    ).toHaveLength(1_000);
  });
});

describe('numbers', () => {
  test('beyond 2^53 stay apart from their neighbours', () => {
    const text = '[9007199254740993, 9007199254740992, -9007199254740993, 1234567890123456, 1e20]';
    expect(parseJson(text, source, 1)).toEqual([
      '9007199254740993',
      '9007199254740992',
      '-9007199254740993',
      1234567890123456,
      1e20,
    ]);
  });

  test('in strings are left alone', () => {
    expect(parseJson('{"a\\"9007199254740993":"9007199254740993"}', source, 1)).toEqual({
      'a"9007199254740993': '9007199254740993',
    });
  });

  test('NaN is no JSON, and the line is told', () => {
    expect(() => parseJson('{"time":NaN}', source, 7)).toThrow(/^x.json:7: not JSON: .*NaN/);
  });

  test('a million brackets are refused', () => {
    expect(() => parseJson('['.repeat(1_000_000), source, 1)).toThrow(/levels of brackets/);
  });
});
