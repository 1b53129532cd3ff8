/** What a schedule refers to must exist: kinds, nodes, probes, other steps. Found before the run, not during it. */
import { unknownName } from '../harness/nearest.ts';
import type { Fault, FaultStep, Trigger, WireCall } from '../harness/nemesis.ts';
import { partsOf } from '../harness/trigger-words.ts';
import { parameterProblems } from './parameters.ts';
import { FAULTS } from './registry.ts';

/** What is known when the schedule is read; what is left out is not checked. */
export interface KnownNames {
  readonly nodes?: readonly string[];
  readonly probes?: readonly string[];
  /** Default: all registered kinds. */
  readonly faults?: ReadonlyMap<string, Fault>;
}

/** @returns what is wrong, one `step "id": what` each; empty when nothing is */
export function checkSchedule(steps: readonly FaultStep[], known: KnownNames = {}): string[] {
  const ids = steps.map((step) => step.id);
  const repeated = ids.filter((id, index) => ids.indexOf(id) !== index);
  const wrong = [...new Set(repeated)].map((id) => `step id "${id}" is used twice`);
  for (const step of steps) {
    wrong.push(...checkStep(step, ids, known).map((what) => `step "${step.id}": ${what}`));
  }
  return wrong;
}

function checkStep(step: FaultStep, ids: readonly string[], known: KnownNames): string[] {
  const wrong: string[] = [];
  const faults = known.faults ?? FAULTS;
  const fault = faults.get(step.kind);
  if (fault === undefined) wrong.push(unknownName('fault', step.kind, [...faults.keys()]));
  else
    wrong.push(
      ...parameterProblems(step, fault.parameters ?? null),
      ...strangers(step, fault, known),
      ...together(step, fault),
    );
  // A spare node is none of the cluster's; a recorded schedule names it.
  const ofSpares = fault?.needs?.includes('spare-node') === true;
  if (typeof step.selector !== 'string' && !ofSpares) {
    wrong.push(...step.selector.flatMap((node) => checkName('node', node, known.nodes)));
  }
  const parts = [...flatten(step.trigger), ...flatten(step.heal)];
  wrong.push(...parts.flatMap((part) => checkTrigger(part, ids, known)));
  if (flatten(step.trigger).some((part) => 'end' in part)) {
    wrong.push('a trigger cannot be "end": nothing fires after the main phase');
  }
  return wrong;
}

function together({ parameters = {} }: FaultStep, fault: Fault): readonly string[] {
  const problem = fault.parametersProblem?.(parameters) ?? null;
  return problem === null ? [] : [problem];
}

/** Nodes that parameters name and that are not there. */
function strangers(
  { parameters = {} }: FaultStep,
  fault: Fault,
  { nodes }: KnownNames,
): readonly string[] {
  return Object.entries(parameters).flatMap(([name, value]) => {
    const form = fault.parameters?.[name];
    if (form?.nodesOf === undefined || form.problem(value) !== null) return [];
    const unknown = new Set(form.nodesOf(value).flatMap((node) => checkName('node', node, nodes)));
    return [...unknown].map((what) => `${name}: ${what}`);
  });
}

function checkTrigger(trigger: Trigger, ids: readonly string[], known: KnownNames): string[] {
  if ('fault' in trigger) return checkName('step', trigger.fault.id, ids);
  if ('operation' in trigger) return checkName('node', trigger.operation.node, known.nodes);
  if ('file' in trigger) return checkName('node', trigger.file.node, known.nodes);
  if ('probe' in trigger) {
    const { name, node } = trigger.probe;
    return [...checkName('probe', name, known.probes), ...checkName('node', node, known.nodes)];
  }
  if ('log' in trigger) {
    const { node, pattern } = trigger.log;
    return [...checkName('node', node, known.nodes), ...checkPattern('log pattern', pattern)];
  }
  if ('breakpoint' in trigger) {
    const { node, thread } = trigger.breakpoint;
    return [...checkName('node', node, known.nodes), ...checkPattern('thread', thread ?? '')];
  }
  return 'call' in trigger ? checkCall(trigger.call, known) : [];
}

function checkCall(call: WireCall, known: KnownNames): string[] {
  const { from, to, port, holds, length } = call;
  const names = [...checkName('node', from, known.nodes), ...checkName('node', to, known.nodes)];
  if ([from, to, port, holds, length].every((each) => each === undefined)) {
    return ['call: expected at least one of from, to, port, holds, length'];
  }
  if (length !== undefined && length[0] > length[1]) {
    return [...names, `call length: expected [least, most], got ${JSON.stringify(length)}`];
  }
  return names;
}

function checkName(
  what: string,
  name: string | undefined,
  names: readonly string[] | undefined,
): string[] {
  if (name === undefined || names === undefined || names.includes(name)) return [];
  return [unknownName(what, name, names)];
}

function checkPattern(what: string, pattern: string): string[] {
  try {
    void new RegExp(pattern, 'u');
    return [];
  } catch (error) {
    return [`${what}: ${(error as Error).message}`];
  }
}

function flatten(trigger: Trigger): readonly Trigger[] {
  const parts = partsOf(trigger);
  return parts.length === 0 ? [trigger] : parts.flatMap(flatten);
}
