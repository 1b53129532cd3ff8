import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { filesAt, straceArgv } from './call-argv.ts';

const last = (argv: readonly string[]): string => argv.at(-1) ?? '';

it('says to strace what happens to which calls', () => {
  const slow = straceArgv({ calls: ['write', 'pwrite64'], delayMs: 1.5 }, ['/data/a', '/data/b']);
  expect(slow.join(' ')).toBe(
    '-f -qq -s 0 -P /data/a -P /data/b -e signal=none -e trace=write,pwrite64 -e inject=write,pwrite64:delay_enter=1500',
  );
  const failing = straceArgv({ calls: ['fsync'], error: 'EIO', every: 3 }, []);
  expect(last(failing)).toBe('inject=fsync:error=EIO:when=3+3');
  expect(last(straceArgv({ calls: ['fsync'], lie: true }, []))).toBe('inject=fsync:retval=0');
});

it('finds the files that a pattern means, as the node names them', () => {
  const root = mkdtempSync(join(tmpdir(), 'faultline-files-'));
  try {
    mkdirSync(join(root, 'data/wal'), { recursive: true });
    for (const name of ['0-0.wal', '1-a.wal', '1-a.wal.tmp', 'x_wal'])
      writeFileSync(join(root, 'data/wal', name), '');
    expect([...filesAt(root, '/data/wal/*.wal')].sort()).toEqual([
      '/data/wal/0-0.wal',
      '/data/wal/1-a.wal',
    ]);
    expect(filesAt(root, '/data/none/*.wal')).toEqual([]);
    // One that is named is taken at its word: it may come to be.
    expect(filesAt(root, '/data/wal/later')).toEqual(['/data/wal/later']);
  } finally {
    rmSync(root, { recursive: true });
  }
});
