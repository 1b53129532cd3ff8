/** Faults at a method of a Java server: a thread that enters it is held, delayed, or made to throw. */
import type { JvmFault, JvmMethod } from '../harness/means/jvm.ts';
import type { Fault, FaultContext, ParameterForm } from '../harness/nemesis.ts';
import { MILLISECOND, type Value } from '../harness/operation.ts';
import { mayEnd } from './may-end.ts';
import { meansFault } from './means-fault.ts';
import { numberForm, numberOf, textForm, textOf } from './parameters.ts';

const SELECTORS: Fault['selectors'] = ['one', 'leader', 'followers', 'minority', 'majority', 'all'];
const DRAWN = "drawn from the system's methods";
const NEVER = 'none: at once';

const METHOD_FORMS: Readonly<Record<string, ParameterForm>> = {
  class: textForm('full name of the class that declares the method', DRAWN),
  method: textForm('name of the method, all overloads', DRAWN),
  thread: textForm('regular expression; only threads whose names match', 'any'),
  afterClass: textForm('class of a method that has to be entered before', NEVER),
  afterMethod: textForm('name of that method', NEVER),
};
const DELAY_FORMS = { ...METHOD_FORMS, delayMs: numberForm('milliseconds', 200, 1, 60_000) };
const THROW_FORMS = {
  ...METHOD_FORMS,
  exception: textForm('full name of its class', 'java.io.IOException'),
};

const ABOUT = {
  needs: 'a Java server that is brought up with a debug agent (any JRE; no agent of ours in it)',
  healed:
    'breakpoints cleared, threads resumed; by the virtual machine itself when the connection ends',
} as const;

/** `jvm-hold`: the others run on. */
export const jvmHold = jvmFault({
  act: 'hold',
  summary: 'each thread that enters a method of a Java server is held until healed; all others run',
  forms: METHOD_FORMS,
  verified:
    "the breakpoint's event, the thread's state in the virtual machine, the kernel's count of its switches",
  peers: 'Antithesis (thread pausing, not by method)',
});

/** `jvm-delay` */
export const jvmDelay = jvmFault({
  act: 'delay',
  summary: 'each thread that enters a method of a Java server waits there for a time',
  forms: DELAY_FORMS,
  verified: "the breakpoint's event, the thread's state in the virtual machine meanwhile",
  peers: 'Chaos Mesh (JVMChaos, by Byteman)',
});

/** `jvm-throw` */
export const jvmThrow = mayEnd(
  jvmFault({
    act: 'throw',
    summary: 'each thread that enters a method of a Java server throws an exception there',
    forms: THROW_FORMS,
    verified:
      "the breakpoint's event, and the virtual machine's event that the exception was thrown",
    peers: 'Chaos Mesh (JVMChaos, by Byteman)',
  }),
);

interface Words {
  readonly act: JvmFault['act'];
  readonly summary: string;
  readonly forms: Readonly<Record<string, ParameterForm>>;
  readonly verified: string;
  readonly peers: string;
}

function jvmFault({ act, summary, forms, verified, peers }: Words): Fault {
  const fault = meansFault({
    kind: `jvm-${act}`,
    summary,
    selectors: SELECTORS,
    means: 'jvm',
    // A server that may die of it is nobody else's meanwhile.
    resources: act === 'throw' ? ['threads', 'process'] : ['threads'],
    parameters: forms,
    needs: ['debugger'],
    about: { ...ABOUT, verified, peers },
    arm: (jvm, context) => jvm.tamper(tampering(act, forms, context)),
  });
  return {
    ...fault,
    resolve: async (context) => {
      const targets = await fault.resolve(context);
      if (targets === null) return null;
      const { class: type, method } = methodOf(context);
      return { ...targets, detail: { class: type, method } };
    },
  };
}

function tampering(act: JvmFault['act'], forms: Words['forms'], context: FaultContext): JvmFault {
  const { step } = context;
  const method = methodOf(context);
  const after = afterOf(step.parameters ?? {}, method);
  return {
    ...method,
    act,
    ...(after === null ? {} : { after }),
    ...(act === 'delay' ? { delay: numberOf(step, forms, 'delayMs') * MILLISECOND } : {}),
    ...(act === 'throw' ? { exception: textOf(step, forms, 'exception') } : {}),
  };
}

/** The method that is named, or one of the system's. @throws when there is neither */
function methodOf({ step, random, catalogue }: FaultContext): JvmMethod {
  const { class: type, method, thread } = step.parameters ?? {};
  const only = typeof thread === 'string' ? { thread } : {};
  if (typeof type === 'string' && typeof method === 'string') {
    return { class: type, method, ...only };
  }
  const methods = catalogue?.methods ?? [];
  if (type !== undefined || method !== undefined || methods.length === 0) {
    throw new Error('name both the class and the method');
  }
  return { ...random.sequence(`methods/${step.lane}`, step.draw).pick(methods), ...only };
}

function afterOf(
  parameters: Readonly<Record<string, Value>>,
  { thread }: JvmMethod,
): JvmMethod | null {
  const { afterClass: type, afterMethod: method } = parameters;
  if (typeof type !== 'string' || typeof method !== 'string') return null;
  return { class: type, method, ...(thread === undefined ? {} : { thread }) };
}
