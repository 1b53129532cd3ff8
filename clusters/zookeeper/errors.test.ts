import { describe, expect, it } from 'vitest';
import { DefiniteError, IndefiniteError } from '../../harness/client.ts';
import { ERRORS, KeeperError, outcomeOf } from './errors.ts';

describe('errors', () => {
  it('says of every code what it means and where that is said', () => {
    for (const [code, meaning] of Object.entries(ERRORS)) {
      expect(meaning.name, code).toMatch(/^[A-Z]+$/);
      expect(meaning.reason !== undefined, code).toBe(meaning.outcome === 'definite');
      expect(meaning.source, code).not.toBe('');
    }
  });

  it('takes a lost connection, an expired session and an unknown code as indefinite', () => {
    for (const code of [-4, -112, -999]) {
      expect(outcomeOf(new KeeperError(code, 'setData /a'))).toBeInstanceOf(IndefiniteError);
    }
  });

  it('takes what the leader refuses before proposing as rejected', () => {
    const error = outcomeOf(new KeeperError(-110, 'create /a'));
    expect(error).toBeInstanceOf(DefiniteError);
    expect((error as DefiniteError).reason).toBe('rejected');
    expect(error.code).toBe('NODEEXISTS');
  });
});
