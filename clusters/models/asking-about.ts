/** Operations that ask about what others did: their value depends on what was acknowledged meanwhile. */
import type { Context, Generator, Step } from '../../harness/generator.ts';
import type { Operation, Value } from '../../harness/operation.ts';

export interface AskingAbout<State> {
  /** The `f` of the operations that ask. */
  readonly f: string;
  /** What follows for whoever asks next, from an operation that completed `ok`. */
  readonly learn: (state: State, completed: Operation) => State;
  /** The value of the next that asks. */
  readonly value: (state: State) => Value;
}

/** A generator whose operations of one `f` get their value when they are emitted. */
export function askingAbout<State>(
  about: AskingAbout<State>,
  state: State,
  child: Generator,
): Generator {
  return new Asking(about, state, child);
}

class Asking<State> implements Generator {
  readonly listens = true;
  private readonly about: AskingAbout<State>;
  private readonly state: State;
  private readonly child: Generator;

  constructor(about: AskingAbout<State>, state: State, child: Generator) {
    this.about = about;
    this.state = state;
    this.child = child;
  }

  next(context: Context): Step {
    const step = this.child.next(context);
    if (step.kind === 'done') return step;
    const next = new Asking(this.about, this.state, step.next);
    if (step.kind !== 'emit' || step.invocation.f !== this.about.f) return { ...step, next };
    return { ...step, next, invocation: { f: this.about.f, value: this.about.value(this.state) } };
  }

  update(context: Context, event: Operation): Generator {
    const child = this.child.listens ? this.child.update(context, event) : this.child;
    const state = event.type === 'ok' ? this.about.learn(this.state, event) : this.state;
    if (child === this.child && state === this.state) return this;
    return new Asking(this.about, state, child);
  }
}
