/** What a schedule may not say of faults of links, told before anything is brought up. */
import { describe, expect, it } from 'vitest';
import type { FaultStep } from '../harness/nemesis.ts';
import { step } from '../test/fakes/fake-run.ts';
import { checkSchedule } from './schedule-check.ts';

const nodes = ['n1', 'n2', 'n3'];

function problems(kind: string, parameters: FaultStep['parameters']): readonly string[] {
  const given = parameters === undefined ? {} : { parameters };
  const one = step({ id: 'it', kind, selector: 'all', ...given });
  return checkSchedule([one], { nodes }).map((line) => line.replace('step "it": ', ''));
}

describe('groups', () => {
  it.each([
    [undefined, /groups: missing/],
    [
      {
        groups: [
          ['n1', 'n2'],
          ['n2', 'n3'],
        ],
      },
      /groups: node "n2" is in two groups/,
    ],
    [{ groups: [['n1'], []] }, /groups: group 2 is empty/],
    [{ groups: [['n1', 'n2', 'n3']] }, /groups: expected two groups or more/],
    [{ groups: [['n1'], ['n4']] }, /groups: unknown node "n4"/],
    [{ groups: 'n1|n2' }, /groups: expected two groups/],
    [{ groups: [['n1'], [7]] }, /groups: group 2: expected a list of nodes/],
  ])('%j', (parameters, wanted) => {
    expect(problems('partition-explicit', parameters).join('; ')).toMatch(wanted);
  });

  it('two that share nothing are right', () => {
    expect(problems('partition-explicit', { groups: [['n1'], ['n2', 'n3']] })).toEqual([]);
  });
});

describe('links', () => {
  it.each([
    [{ links: ['n1->n1'] }, /links: n1 is at both ends of "n1->n1"/],
    [{ links: ['n1->n9'] }, /links: unknown node "n9"/],
    [{ links: [] }, /links: expected a list/],
    [{ links: ['@clients->@names'] }, /links: expected a list/],
    [{ link: ['n1->n2'] }, /unknown parameter "link"/],
  ])('%j', (parameters, wanted) => {
    expect(problems('partition-halves', parameters).join('; ')).toMatch(wanted);
    expect(problems('partition-reject', parameters).join('; ')).toMatch(wanted);
  });

  it('of nodes that are there are right, of the clients too', () => {
    expect(problems('partition-halves', { links: ['n1->n2'] })).toEqual([]);
    expect(problems('partition-clients', { links: ['@clients->n2'] })).toEqual([]);
  });
});

describe('the other parameters', () => {
  it.each([
    ['partition-port', { port: 0 }, /port: expected a port from 1 to 65535, got 0/],
    ['partition-port', { port: 'election' }, /port: expected a port/],
    ['partition-reject', { answer: 'rest' }, /answer: .*did you mean "reset"/],
    ['partition-one-way', { direction: 'up' }, /direction: expected one of out, in/],
    ['partition-random-graph', { share: 2 }, /share: expected a number from 0 to 1/],
    ['drop-call', {}, /expected a parameter "holds" or "length"/],
    ['drop-call', { holds: '' }, /holds: expected 1 to 128 bytes/],
    ['drop-call', { holds: 'a\\b' }, /holds: expected \\xNN or/],
    ['drop-call', { length: [9, 3] }, /length: expected \[least, most\]/],
    ['drop-call', { holds: 'x', from: 'n7' }, /from: unknown node "n7"/],
    ['drop-call', { holds: 'x', from: '@n1' }, /from: expected a node's name or @clients/],
  ])('%s %j', (kind, parameters, wanted) => {
    expect(problems(kind, parameters).join('; ')).toMatch(wanted);
  });

  it('a call to or from the clients is right', () => {
    expect(problems('drop-call', { holds: 'x', from: '@clients', to: 'n2' })).toEqual([]);
  });
});
