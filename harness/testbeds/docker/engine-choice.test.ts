import { describe, expect, test } from 'vitest';
import { type EngineSituation, chooseSetup, deniedError, missingError } from './engine-choice.ts';

const BARE: EngineSituation = {
  problem: 'missing',
  mayInstall: true,
  engineNamed: false,
  root: true,
  debianLike: true,
  terminal: false,
};

describe('where no engine answers', () => {
  test.each<[string, Partial<EngineSituation>, string]>([
    ['a bare machine without a terminal is set up', {}, 'install'],
    ['a terminal is asked first', { terminal: true }, 'ask'],
    ['FAULTLINE_NO_INSTALL=1 is obeyed', { mayInstall: false }, 'explain'],
    ['also on a terminal', { mayInstall: false, terminal: true }, 'explain'],
    ['an engine named by DOCKER_HOST is not replaced', { engineNamed: true }, 'explain'],
    ['an ordinary user cannot install', { root: false }, 'explain'],
    ['other distributions are left alone', { debianLike: false }, 'explain'],
    ['a closed socket needs a group, not an installation', { problem: 'denied' }, 'join-group'],
    ['whoever it is', { problem: 'denied', root: false, terminal: true }, 'join-group'],
  ])('%s', (_, difference, choice) => {
    expect(chooseSetup({ ...BARE, ...difference })).toBe(choice);
  });
});

test('the messages hold what was tried, the exact commands and the way without Docker', () => {
  const missing = missingError('connect ENOENT /nowhere').message;
  expect(missing).toContain('connect ENOENT /nowhere');
  expect(missing).toContain('sudo apt-get install -y docker.io iptables mmdebstrap');
  expect(missing).toContain('--testbed simulated');
  expect(deniedError().message).toContain('sudo usermod -aG docker "$USER"');
  expect(deniedError().message).toContain('--testbed simulated');
});
