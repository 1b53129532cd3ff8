/** The form of a written schedule: what its JSON may hold, read into steps. */
import { z } from 'zod';
import { parseDuration } from '../harness/duration.ts';
import { unknownName } from '../harness/nearest.ts';
import type { FaultState, FaultStep, Selector, Trigger } from '../harness/nemesis.ts';
import { SELECTORS } from './selector.ts';

const STATES = [
  'armed',
  'fired',
  'verified',
  'healing',
  'healed',
  'skipped',
  'failed',
] as const satisfies readonly FaultState[];

/** A time string, or a number of nanoseconds (as records hold it). */
const duration = z.unknown().transform((value, context): number => {
  if (typeof value === 'number' && value >= 0) return value;
  try {
    if (typeof value === 'string') return parseDuration(value);
    throw new Error(`expected a time such as "5s" or "200ms", got ${JSON.stringify(value)}`);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

const count = z.int().positive();
const node = z.string().min(1);
const words = z.enum(SELECTORS, {
  error: (issue) => unknownName('selector', String(issue.input), SELECTORS),
});
const selector: z.ZodType<Selector> = z.unknown().transform((value, context) => {
  const form = Array.isArray(value) ? z.array(node).min(1) : words;
  const read = form.safeParse(value);
  if (read.success) return read.data;
  return forward(context, read.error);
});

/** What each kind of trigger holds, by its one key. */
const TRIGGERS: Readonly<Record<string, z.ZodType>> = {
  at: duration,
  after: duration,
  operation: z.strictObject({
    f: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
    type: z.enum(['invoke', 'ok', 'fail', 'info']).optional(),
    nth: count.optional(),
    node: node.optional(),
  }),
  log: z.strictObject({ node, pattern: z.string(), nth: count.optional() }),
  file: z.strictObject({ node, directory: z.string(), name: z.string() }),
  probe: z.strictObject({ name: z.string(), node: node.optional(), is: z.boolean().optional() }),
  leaderChange: z.strictObject({ nth: count.optional() }),
  epoch: z.strictObject({ nth: count.optional() }),
  call: z.strictObject({
    from: node.optional(),
    to: node.optional(),
    port: z.int().min(1).max(65_535).optional(),
    holds: z.string().min(1).optional(),
    length: z.tuple([z.int().nonnegative(), z.int().nonnegative()]).optional(),
    nth: count.optional(),
  }),
  breakpoint: z.strictObject({
    node,
    class: z.string().min(1),
    method: z.string().min(1),
    thread: z.string().optional(),
    nth: count.optional(),
  }),
  fault: z.strictObject({ id: z.string(), state: z.enum(STATES) }),
  then: z.lazy(() => z.array(trigger('after')).min(1)),
  and: z.lazy(() => z.array(trigger('after')).min(1)),
  or: z.lazy(() => z.array(trigger('after')).min(1)),
  within: z.lazy(() => z.strictObject({ limit: duration, trigger: trigger('after') })),
  end: z.literal(true),
};

/** @param shorthand what a bare time string stands for */
function trigger(shorthand: 'at' | 'after'): z.ZodType<Trigger> {
  return z.unknown().transform((value, context) => {
    const full = typeof value === 'string' ? { [shorthand]: value } : value;
    const keys = typeof full === 'object' && full !== null ? Object.keys(full) : [];
    const [key] = keys;
    const form = key === undefined ? undefined : TRIGGERS[key];
    if (key === undefined || keys.length > 1) return complain(context, oneOf(value));
    if (form === undefined) {
      return complain(context, unknownName('trigger', key, Object.keys(TRIGGERS)));
    }
    const read = z.strictObject({ [key]: form }).safeParse(full);
    return read.success ? (read.data as unknown as Trigger) : forward(context, read.error);
  });
}

function oneOf(value: unknown): string {
  const names = Object.keys(TRIGGERS).join(', ');
  return `expected a time string or an object with one of ${names}, got ${JSON.stringify(value)}`;
}

function complain(context: z.core.$RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

/** Hands inner issues on with their paths. */
function forward(context: z.core.$RefinementCtx, error: z.ZodError): never {
  for (const { path, message } of error.issues) {
    context.addIssue({ code: 'custom', message, path: [...path] });
  }
  return z.NEVER;
}

const step = z.strictObject({
  id: z.string().min(1).optional(),
  lane: z.string().min(1).optional(),
  kind: z.string().min(1),
  selector: selector.optional(),
  parameters: z.record(z.string(), z.json()).optional(),
  trigger: trigger('at'),
  heal: trigger('after').optional(),
  draw: z.int().nonnegative().optional(),
});

/** One step as written. */
export type WrittenStep = z.infer<typeof step>;

const schedule = z.strictObject({ steps: z.array(step).min(1) });

/** Reads the form. @returns the steps, or what is wrong, one `path: message` each */
export function readForm(value: unknown): readonly WrittenStep[] | { readonly wrong: string[] } {
  const read = schedule.safeParse(value);
  if (read.success) return read.data.steps;
  return { wrong: read.error.issues.map(({ path, message }) => `${pathOf(path)}: ${message}`) };
}

function pathOf(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  return text.join('').replace(/^\./u, '') || 'schedule';
}

/** Fills in what was left out; see schedule-file.ts for the defaults. */
export function complete(
  written: WrittenStep,
  index: number,
  defaultSelector: (kind: string) => Selector,
): FaultStep {
  const id = written.id ?? `${written.kind}-${index + 1}`;
  return {
    id,
    lane: written.lane ?? id,
    kind: written.kind,
    selector: written.selector ?? defaultSelector(written.kind),
    ...(written.parameters === undefined ? {} : { parameters: written.parameters }),
    trigger: written.trigger,
    heal: written.heal ?? { end: true },
    draw: written.draw ?? index,
  };
}
