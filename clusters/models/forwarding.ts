/** Clients' requests that a model server passed on to its leader. */
import type { NodeName } from '../../harness/operation.ts';
import type { ModelIo } from '../../harness/testbeds/simulated/model.ts';
import type { Answer } from './answers.ts';

/** Each is answered once: by the leader's answer, or as unknown when the leader is lost. */
export class Forwarding {
  private readonly io: Pick<ModelIo<unknown>, 'answer' | 'name'>;
  private readonly open = new Map<number, NodeName>();

  constructor(io: Pick<ModelIo<unknown>, 'answer' | 'name'>) {
    this.io = io;
  }

  /** @param send to the leader; not called where none is known: the request is refused then. */
  forward(request: number, leader: NodeName | null, send: (leader: NodeName) => void): void {
    if (leader === null || leader === this.io.name) {
      return this.io.answer(request, { outcome: 'refused', why: 'no leader is known' });
    }
    this.open.set(request, leader);
    send(leader);
  }

  answered(request: number, answer: Answer): void {
    if (this.open.delete(request)) this.io.answer(request, answer);
  }

  /** Gives up what was sent to those. */
  giveUp(lost: (leader: NodeName) => boolean): void {
    for (const [request, leader] of this.open) {
      if (lost(leader)) this.answered(request, { outcome: 'unknown', why: 'the leader was lost' });
    }
  }
}
