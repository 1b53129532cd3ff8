import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import { FakeRun } from '../test/fakes/fake-run.ts';
import { FAULTS } from './registry.ts';
import { randomSchedule } from './random-schedule.ts';
import { requirePackages } from './registry.ts';
import { parseRecordedSchedule, parseSchedule, ScheduleError } from './schedule-file.ts';

const nodes = ['n1', 'n2', 'n3'];
const known = { nodes, probes: ['serving'] };

function problems(steps: unknown): readonly string[] {
  try {
    parseSchedule(typeof steps === 'string' ? steps : JSON.stringify({ steps }), 'my.json', known);
  } catch (error) {
    if (error instanceof ScheduleError) return error.problems;
    throw error;
  }
  return [];
}

describe('written schedules', () => {
  it('fill in what is left out', () => {
    const text = JSON.stringify({
      steps: [
        { kind: 'kill', trigger: '5s' },
        {
          id: 'cut',
          lane: 'net',
          kind: 'partition-leader',
          trigger: { after: '1.5s' },
          heal: '200ms',
          draw: 7,
        },
      ],
    });
    expect(parseSchedule(text, 'my.json', known)).toEqual([
      {
        ...{ id: 'kill-1', lane: 'kill-1', kind: 'kill', selector: 'one' },
        ...{ trigger: { at: 5 * SECOND }, heal: { end: true }, draw: 0 },
      },
      {
        ...{ id: 'cut', lane: 'net', kind: 'partition-leader', selector: 'leader' },
        ...{ trigger: { after: 1.5 * SECOND }, heal: { after: 200 * MILLISECOND }, draw: 7 },
      },
    ]);
  });

  it('take every kind of trigger, and times inside `then`', () => {
    const parts = [
      { operation: { f: 'write', type: 'invoke', nth: 3, node: 'n1' } },
      { log: { node: 'n1', pattern: 'LEADING' } },
      { file: { node: 'n1', directory: '/data', name: 'currentEpoch' } },
      { probe: { name: 'serving', node: 'n3', is: false } },
      { leaderChange: {} },
      { fault: { id: 'kill-1', state: 'fired' } },
    ];
    const steps = [{ kind: 'kill', trigger: { then: ['1s', ...parts] }, heal: { after: 5 } }];
    const [read] = parseSchedule(JSON.stringify({ steps }), 'my.json', known);
    expect(read?.trigger).toEqual({ then: [{ after: SECOND }, ...parts] });
    expect(read?.heal).toEqual({ after: 5 });
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '{', 'not JSON'],
    ['no steps', '{}', 'steps: '],
    ['an empty list', [], 'steps: '],
    [
      'an unknown kind',
      [{ kind: 'partition-half', trigger: '1s' }],
      'did you mean "partition-halves"?',
    ],
    [
      'no trigger',
      [{ kind: 'kill' }],
      'steps[0].trigger: expected a time string or an object with one of',
    ],
    [
      'an unknown trigger',
      [{ kind: 'kill', trigger: { fil: {} } }],
      'steps[0].trigger: unknown trigger "fil"',
    ],
    ['two in one', [{ kind: 'kill', trigger: { at: 1, end: true } }], 'steps[0].trigger: expected'],
    [
      'a time without unit',
      [{ kind: 'kill', trigger: '5' }],
      'steps[0].trigger.at: "5" is no time',
    ],
    [
      'a negative time',
      [{ kind: 'kill', trigger: { at: -1 } }],
      'steps[0].trigger.at: expected a time',
    ],
    [
      'a hole deep inside',
      [{ kind: 'kill', trigger: { then: ['1s', { file: { node: 'n1', directory: '/d' } }] } }],
      'steps[0].trigger.then[1].file.name: ',
    ],
    ['an unknown word', [{ kind: 'kill', trigger: '1s', haeal: '1s' }], 'haeal'],
    [
      'an unknown selector',
      [{ kind: 'kill', trigger: '1s', selector: 'laeder' }],
      'did you mean "leader"?',
    ],
    [
      'an unknown node',
      [{ kind: 'kill', trigger: '1s', selector: ['n9'] }],
      'step "kill-1": unknown node "n9"',
    ],
    [
      'an unknown probe',
      [{ kind: 'kill', trigger: { probe: { name: 'servin' } } }],
      'did you mean "serving"?',
    ],
    [
      'an unknown step',
      [{ kind: 'kill', trigger: { fault: { id: 'kil-1', state: 'fired' } } }],
      'unknown step "kil-1"; expected one of kill-1',
    ],
    [
      'an unknown state',
      [{ kind: 'kill', trigger: { fault: { id: 'kill-1', state: 'dead' } } }],
      'steps[0].trigger.fault.state: ',
    ],
    [
      'a wrong pattern',
      [{ kind: 'kill', trigger: { log: { node: 'n1', pattern: '(' } } }],
      'log pattern: ',
    ],
    ['the end as a trigger', [{ kind: 'kill', trigger: { end: true } }], 'cannot be "end"'],
    [
      'one id twice',
      [
        { id: 'a', kind: 'kill', trigger: '1s' },
        { id: 'a', kind: 'kill', trigger: '1s' },
      ],
      'step id "a" is used twice',
    ],
  ])('refuse %s, and say where', (_, steps, expected) => {
    expect(problems(steps).join('\n')).toContain(expected);
  });

  it('tell everything that is wrong, with the file', () => {
    const steps = [
      { kind: 'kil', trigger: '1s' },
      { kind: 'kill', selector: ['x'], trigger: '1s' },
    ];
    expect(problems(steps)).toHaveLength(2);
    expect(() => parseSchedule(JSON.stringify({ steps }), 'my.json')).toThrow(
      'my.json is no schedule',
    );
  });
});

describe('recorded schedules', () => {
  const steps = randomSchedule({
    packages: requirePackages('kill,partition'),
    nodes,
    seed: 7n,
    timeLimitNanos: 30 * SECOND,
  });

  async function record(leader: string): Promise<{ run: FakeRun; text: string }> {
    const run = new FakeRun({ faults: FAULTS, seed: 7n, leader: async () => leader });
    run.enqueue(...steps);
    await run.clock.sleep(30 * SECOND);
    await run.lanes.end();
    return { run, text: run.records.map((line) => `${JSON.stringify(line)}\n`).join('') };
  }

  it('by role are the steps that were intended, byte for byte', async () => {
    const { text } = await record('n2');
    const again = parseRecordedSchedule(text, 'faults.jsonl', 'role', known);
    expect(JSON.stringify(again)).toBe(JSON.stringify(steps));
  });

  it('as recorded act on the same nodes and links, whoever leads now', async () => {
    const { run, text } = await record('n2');
    const again = parseRecordedSchedule(text, 'faults.jsonl', 'recorded', known);
    const replay = new FakeRun({ faults: FAULTS, seed: 999n, leader: async () => 'n3' });
    replay.enqueue(...again);
    await replay.clock.sleep(30 * SECOND);
    await replay.lanes.end();
    for (const { id } of steps) {
      const then = run.record(id, 'armed')?.targets;
      const now = replay.record(id, 'armed')?.targets;
      expect(then).toBeDefined();
      expect(now).toEqual(then);
    }
    expect(run.record('partition-1', 'armed')?.targets?.nodes).toEqual(['n2']);
  });

  it('do without a last line that was cut off, and refuse any other damage by its line', async () => {
    const { text } = await record('n2');
    const cut = text.slice(0, text.indexOf('\n') + 20);
    expect(parseRecordedSchedule(cut, 'faults.jsonl')).toHaveLength(1);
    const lines = text.split('\n');
    const damaged = [lines[0], '{"state":', ...lines.slice(1)].join('\n');
    expect(() => parseRecordedSchedule(damaged, 'faults.jsonl')).toThrow('line 2');
    expect(() => parseRecordedSchedule('', 'faults.jsonl')).toThrow('no intended faults');
    expect(() => parseRecordedSchedule('[1]\n{}\n', 'faults.jsonl')).toThrow(
      'line 1: expected a fault record',
    );
  });
});
