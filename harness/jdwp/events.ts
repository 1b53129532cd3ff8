/** What a debug agent tells unasked: a thread reached a breakpoint, a class was loaded. */
import type { JdwpId, JdwpReader } from './bytes.ts';

/** JDWP's numbers of event kinds. */
export const EVENT_KINDS = {
  breakpoint: 2,
  exception: 4,
  classPrepare: 8,
  vmStart: 90,
  vmDeath: 99,
} as const;

export type JdwpEvent =
  | { readonly kind: 'breakpoint'; readonly request: number; readonly thread: JdwpId }
  | {
      readonly kind: 'class-prepare';
      readonly request: number;
      readonly thread: JdwpId;
      readonly type: JdwpId;
      /** `Ljava/lang/String;` */
      readonly signature: string;
    }
  /** The thread threw, and was not stopped for it. */
  | { readonly kind: 'exception'; readonly request: number; readonly thread: JdwpId }
  | { readonly kind: 'vm-death' };

/**
 * One Event.Composite: all that happened at one place of one thread, which is suspended once for all of it.
 * @throws on a kind that we never ask for: its length is not known
 */
export function readComposite(data: JdwpReader): readonly JdwpEvent[] {
  data.byte(); // the suspend policy, which we chose
  const events: JdwpEvent[] = [];
  for (let left = data.int(); left > 0; left--) {
    const event = readEvent(data);
    if (event !== null) events.push(event);
  }
  return events;
}

/** @returns null for what says nothing to us */
function readEvent(data: JdwpReader): JdwpEvent | null {
  const kind = data.byte();
  const request = data.int();
  switch (kind) {
    case EVENT_KINDS.breakpoint: {
      const thread = data.id('object');
      passLocation(data);
      return { kind: 'breakpoint', request, thread };
    }
    case EVENT_KINDS.exception: {
      const thread = data.id('object');
      passLocation(data);
      data.byte(); // the exception: tag, object
      data.id('object');
      passLocation(data); // where it is caught
      return { kind: 'exception', request, thread };
    }
    case EVENT_KINDS.classPrepare: {
      const thread = data.id('object');
      data.byte();
      const type = data.id('referenceType');
      const signature = data.text();
      data.int(); // its status
      return { kind: 'class-prepare', request, thread, type, signature };
    }
    case EVENT_KINDS.vmStart:
      data.id('object');
      return null;
    case EVENT_KINDS.vmDeath:
      return { kind: 'vm-death' };
    default:
      throw new Error(`JDWP event of kind ${kind}, which was not asked for`);
  }
}

/** Type tag, class, method, index. */
function passLocation(data: JdwpReader): void {
  data.byte();
  data.id('referenceType');
  data.id('method');
  data.long();
}
