/** The events that a node tells of itself. */
import type { Nanoseconds, NodeName } from '../../operation.ts';
import type { TestbedContext } from '../../testbed.ts';

export class NodeEvents {
  readonly #node: NodeName;
  readonly #context: TestbedContext;

  constructor(node: NodeName, context: TestbedContext) {
    this.#node = node;
    this.#context = context;
  }

  tell(type: 'node-up' | 'node-paused' | 'node-resumed', notBefore: Nanoseconds): void {
    const notAfter = this.#context.clock.now();
    this.#context.events({ type, node: this.#node, notBefore, notAfter });
  }

  /** @param expected whether an act of ours did it */
  tellDown(
    cause: 'killed' | 'crashed' | 'exited',
    notBefore: Nanoseconds,
    expected: boolean,
    exitCode?: number,
  ): void {
    const at = { notBefore, notAfter: this.#context.clock.now() };
    const status = exitCode === undefined ? {} : { exitCode };
    const node = this.#node;
    this.#context.events({ type: 'node-down', node, cause, expected, ...status, ...at });
  }
}
