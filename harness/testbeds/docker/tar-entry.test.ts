import { expect, test } from 'vitest';
import { firstFile } from './tar-entry.ts';

function entry(type: string, contents: string): Buffer {
  const header = Buffer.alloc(512);
  header.write('server.log');
  header.write(contents.length.toString(8).padStart(11, '0'), 124);
  header.write(type, 156);
  const data = Buffer.alloc(Math.ceil(contents.length / 512) * 512);
  data.write(contents);
  return Buffer.concat([header, data]);
}

const END = Buffer.alloc(1024);

test('the file is found behind a pax header', () => {
  const archive = Buffer.concat([entry('x', '30 mtime=1.5\n'), entry('0', 'a'.repeat(700)), END]);
  expect(firstFile(archive).toString()).toBe('a'.repeat(700));
});

test('an empty file is empty', () => {
  expect(firstFile(Buffer.concat([entry('0', ''), END]))).toHaveLength(0);
});

test('an archive of a directory has none', () => {
  expect(() => firstFile(Buffer.concat([entry('5', ''), END]))).toThrow(/expected a file/);
});
