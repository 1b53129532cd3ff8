import { expect, test } from 'vitest';
import { DefiniteError, IndefiniteError } from '../../harness/client.ts';
import { decode, encode } from './connection.ts';
import { errorOf } from './errors.ts';

test('a question is an array of strings', () => {
  expect(encode(['SET', 'k0', '17'])).toBe('*3\r\n$3\r\nSET\r\n$2\r\nk0\r\n$2\r\n17\r\n');
});

test('answers are decoded when they are whole', () => {
  expect(decode('+OK\r\n$2')).toEqual({ answer: 'OK', length: 5 });
  expect(decode('$2\r\n17\r\n')).toEqual({ answer: '17', length: 8 });
  expect(decode('$-1\r\n')).toEqual({ answer: null, length: 5 });
  expect(decode('-OOM no\r\n')).toMatchObject({ error: 'OOM no' });
  expect(decode('$2\r\n17')).toBeNull();
  expect(decode('+O')).toBeNull();
});

test('an error is definite only where the server certainly did nothing', () => {
  expect(errorOf('LOADING Redis is loading the dataset in memory')).toBeInstanceOf(DefiniteError);
  expect(errorOf('ERR unknown')).toBeInstanceOf(IndefiniteError);
  expect(errorOf('SOMETHING new')).toBeInstanceOf(IndefiniteError);
});
