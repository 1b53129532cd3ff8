/**
 * Faults at methods of a node's Java virtual machine. Ownerless: when the harness dies, however, the debugger's
 * connection ends, and the agent itself clears every breakpoint and resumes every thread.
 */
import { DebugSession, type Entry } from '../../../jdwp/session.ts';
import { Lack } from '../../../means.ts';
import type { JvmFault, JvmMethod, NodeJvm } from '../../../means/jvm.ts';
import type { Nanoseconds } from '../../../operation.ts';
import type { NodeHost } from '../node-host.ts';
import { ArmedJvmFault } from './jvm-fault.ts';

/** What a node has of this depends on its plan: a Java server that was brought up with a debug agent. */
export function jvmMeans(host: NodeHost): NodeJvm | Lack {
  const { debuggerPort: port } = host;
  if (port === null) return new Lack(`${host.name}: its server has no Java debug agent`);
  return new DockerJvm(host, port);
}

class DockerJvm implements NodeJvm {
  readonly #host: NodeHost;
  readonly #session: DebugSession;

  constructor(host: NodeHost, port: number) {
    this.#host = host;
    this.#session = new DebugSession({
      name: host.name,
      address: host.address,
      port,
      clock: host.context.clock,
      incarnation: () => host.incarnation(),
    });
  }

  async tamper(fault: JvmFault): Promise<ArmedJvmFault> {
    const using = this.#session.use();
    try {
      const methods = fault.after === undefined ? [fault] : [fault, fault.after];
      await this.#session.ready(methods);
      return new ArmedJvmFault(fault, this.#session, this.#host, using);
    } catch (error) {
      using[Symbol.dispose]();
      throw error;
    }
  }

  watchMethod(method: JvmMethod, entered: (at: Nanoseconds) => void): Disposable {
    return this.#session.watch(method, ({ at }: Entry) => entered(at));
  }
}
