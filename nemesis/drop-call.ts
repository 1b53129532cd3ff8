/**
 * Named calls dropped: packets that hold the call's bytes, in the direction in which they flow. On TCP what is dropped is
 * sent again, and what follows it on the connection waits for it: the call is late by the length of the fault, or lost
 * with its connection, which the parameter `answer` resets at once.
 */
import type { FaultContext, ParameterForm } from '../harness/nemesis.ts';
import type { NodeName, Value } from '../harness/operation.ts';
import { type PacketMatch, bytesOf } from '../harness/packet-rules.ts';
import { oneWay } from './grudge.ts';
import type { LinkChoice, LinkFaultKind } from './link-fault.ts';
import { endForm, portForm } from './link-forms.ts';
import { choiceForm, numberForm, parameterOf } from './parameters.ts';
import { aboutRules, othersThan } from './rule-kinds.ts';

const LONGEST = 128;
const UNNAMED = 'expected a parameter "holds" or "length", which name the call';

const holdsForm: ParameterForm = {
  meaning: 'bytes that the packet holds, as text; \\xNN is a byte',
  default: 'any',
  problem: (value) => {
    if (typeof value !== 'string') return `expected a text, got ${JSON.stringify(value)}`;
    try {
      const { length } = bytesOf(value);
      return length >= 1 && length <= LONGEST
        ? null
        : `expected 1 to ${LONGEST} bytes, got ${length}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  },
};

const lengthForm: ParameterForm = {
  meaning: "length of the packet's data in bytes, [least, most]",
  default: 'any',
  problem: (value) =>
    isLength(value) ? null : `expected [least, most] in bytes, got ${JSON.stringify(value)}`,
};

const parameters = {
  from: endForm('who sends it: a node, or @clients', 'what the selector means'),
  to: endForm('whom it is sent to: a node, or @clients', 'all others'),
  port: portForm('the TCP port, at either end of the connection', 'any'),
  holds: holdsForm,
  length: lengthForm,
  count: numberForm('how many packets are dropped at most, those sent again among them; 0: all', 0),
  answer: choiceForm('whether the sender hears of it', ['drop', 'reset'], 'drop'),
};

export const dropCall: LinkFaultKind = {
  kind: 'drop-call',
  summary:
    'packets that hold one named call are dropped (parameters: from, to, port, holds, length)',
  about: aboutRules('when it heals, the rules must have met the call', 'nobody'),
  parameters,
  parametersProblem: ({ holds, length }) =>
    holds === undefined && length === undefined ? UNNAMED : null,
  selectors: ['one', 'leader', 'followers', 'all'],
  leastNodes: 1,
  links: (choice) => oneWay(endsOf(choice, 'from'), endsOf(choice, 'to')),
  rule: (context) => ({ only: matchOf(context), ...resetIfAsked(context) }),
  example: (from, to) => ({ from, to, only: { holds: 'x', length: [1, 1], port: 1 } }),
  effect: () => () => Promise.resolve([]),
  waits: true,
};

function endsOf(choice: LinkChoice, end: 'from' | 'to'): readonly NodeName[] {
  const { selected, nodes, parameters: given } = choice;
  const [written, other] = end === 'from' ? [given['from'], given['to']] : [given['to'], null];
  if (typeof written === 'string') return [written];
  if (end === 'to') return othersThan(endsOf(choice, 'from'), nodes);
  return typeof other === 'string' ? othersThan([other], nodes) : selected;
}

function matchOf({ step }: FaultContext): PacketMatch {
  const of = (name: keyof typeof parameters): Value => step.parameters?.[name] ?? null;
  const [portNumber, holds, length, count] = [of('port'), of('holds'), of('length'), of('count')];
  if (typeof holds !== 'string' && !isLength(length)) {
    throw new Error(UNNAMED);
  }
  return {
    ...(typeof portNumber === 'number' ? { port: portNumber } : {}),
    ...(typeof holds === 'string' ? { holds } : {}),
    ...(isLength(length) ? { length } : {}),
    ...(typeof count === 'number' && count > 0 ? { atMost: count } : {}),
  };
}

function resetIfAsked({ step }: FaultContext): { readonly action?: 'reset' } {
  return parameterOf(step, parameters, 'answer') === 'reset' ? { action: 'reset' } : {};
}

function isLength(value: Value): value is [number, number] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [least, most] = value as readonly Value[];
  return typeof least === 'number' && typeof most === 'number' && least <= most && least >= 0;
}
