import { describe, expect, test } from 'vitest';
import { seededRandom } from '../harness/random.ts';
import { linkKey } from '../harness/testbed.ts';
import { parameterProblems } from './parameters.ts';
import { FAULTS } from './registry.ts';
import { linksOfNodes } from './shaped-links.ts';
import { slowPackage } from './slow-package.ts';
import { streamsOf } from './toxics.ts';
import { toxiproxyPackage } from './toxiproxy-package.ts';

const nodes = ['n1', 'n2', 'n3'];

describe('links by the direction in which data flows', () => {
  test.each([
    [['n2'], 'out', ['n2->n1', 'n2->n3']],
    [['n2'], 'in', ['n1->n2', 'n3->n2']],
    [['n2'], 'both', ['n2->n1', 'n2->n3', 'n1->n2', 'n3->n2']],
    [nodes, 'in', ['n1->n2', 'n1->n3', 'n2->n1', 'n2->n3', 'n3->n1', 'n3->n2']],
  ] as const)('of %j, %s', (selected, direction, links) => {
    expect(linksOfNodes(selected, nodes, direction).map(linkKey)).toEqual(links);
  });

  test('a toxic on a link is one on what either end dialled', () => {
    expect([...streamsOf([{ from: 'n1', to: 'n2' }])]).toEqual([
      ['n1', [{ peer: 'n2', stream: 'upstream' }]],
      ['n2', [{ peer: 'n1', stream: 'downstream' }]],
    ]);
  });
});

describe.each([slowPackage, toxiproxyPackage])('random steps of $name', (one) => {
  test('are of its kinds, with parameters that are accepted, and the same from the same seed', () => {
    const draw = (seed: bigint): readonly ReturnType<typeof one.draw>[] => {
      const draws = seededRandom(seed).sequence('test');
      return Array.from({ length: 200 }, () => one.draw(draws, nodes));
    };
    const steps = draw(1n);
    expect(draw(1n)).toEqual(steps);
    expect(draw(2n)).not.toEqual(steps);
    for (const step of [...steps, ...(one.first === undefined ? [] : [one.first])]) {
      const fault = FAULTS.get(step.kind);
      expect(one.kinds).toContain(fault);
      const given = { parameters: step.parameters ?? {} };
      expect(parameterProblems(given, fault?.parameters ?? null)).toEqual([]);
    }
    expect(new Set(steps.map(({ kind }) => kind)).size).toBe(one.kinds.length);
  });
});

test.each([
  ['link-loss', { share: 1.5 }, /share: expected a number/],
  ['link-delay', { delayMs: 'much' }, /delayMs: expected a number/],
  ['link-delay', { direction: 'sideways' }, /direction: expected one of out, in, both/],
  ['link-hold', { links: 'n1' }, /links: expected a list/],
  ['toxic-latency', { latency: 5 }, /did you mean "latencyMs"/],
  ['toxic-down', { toxicity: 0.5 }, /toxicity/],
] as const)('%s refuses %j', (kind, parameters, problem) => {
  const forms = FAULTS.get(kind)?.parameters ?? null;
  expect(parameterProblems({ parameters }, forms).join()).toMatch(problem);
});
