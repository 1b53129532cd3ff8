/** The Client of the DDL workloads: an administrator who finds the leading master, and asks it. */
import { type Client, DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import { realClock } from '../../../harness/clock.ts';
import { type Invocation, MILLISECOND, type Value } from '../../../harness/operation.ts';
import type { Cluster, Node } from '../../../harness/testbed.ts';
import { KuduError } from '../krpc/kudu-error.ts';
import { isMaster } from '../node-plan.ts';
import { change, CHANGES, list, look } from './ddl-operations.ts';
import { masterOutcome, settleOnce } from './errors.ts';
import { changeFlag, stepDown } from './flag-operations.ts';
import { LeaderSession } from './leader-session.ts';

interface DdlClientOptions {
  /**
   * What becomes of a change that was not answered. `once`: it is not sent again, and its outcome is not known. `resend`:
   * it is sent again, to whoever leads, until there is an answer, and the answer to that is taken for the answer; so do
   * Kudu's own clients (KUDU-1537).
   */
  readonly unanswered: 'once' | 'resend';
}

/** How long a change that will be sent again is waited for. */
const ANSWER_MS = 1500;
const BETWEEN_ATTEMPTS = 100 * MILLISECOND;

/** By workload. */
export const DDL_CLIENTS: Readonly<Record<string, (cluster: Cluster) => Client>> = {
  ddl: (cluster) => ddlClient(cluster, { unanswered: 'once' }),
  'ddl-resent': (cluster) => ddlClient(cluster, { unanswered: 'resend' }),
};

/** @param cluster whose masters it asks, whatever node it is opened for */
function ddlClient(cluster: Cluster, { unanswered }: DdlClientOptions): Client {
  let session: LeaderSession | null = null;
  const opened = (): LeaderSession => {
    if (session === null) throw new TypeError('kudu ddl client: invoke before open');
    return session;
  };
  const send = unanswered === 'once' ? sendOnce : sendUntilAnswered;
  return {
    // Whoever leads is looked for by the first operation: none of it depends on the node.
    open: (_node, signal) => {
      session = new LeaderSession(mastersOf(cluster), realClock(), signal);
      return Promise.resolve();
    },
    invoke: (operation) => settleOnce(answer(opened(), operation, send)),
    close: () => Promise.resolve(session?.close()),
    session: () => session?.name ?? 'none',
  };
}

type Send = (session: LeaderSession, operation: Invocation) => Promise<Value>;

function answer(session: LeaderSession, operation: Invocation, send: Send): Promise<Value> {
  const { f, value } = operation;
  if (CHANGES.some((name) => name === f)) return send(session, operation);
  if (f === 'look') return session.ask((leader) => look(leader, value));
  if (f === 'list' || f === 'final-list') return session.ask(list);
  if (f === 'set-flag') return changeFlag(session, value);
  if (f === 'step-down') return stepDown(session);
  throw new TypeError(`the kudu ddl client does not know "${f}"`);
}

function sendOnce(session: LeaderSession, operation: Invocation): Promise<Value> {
  return session.ask((leader) => change(leader, operation));
}

/** The same request, until a master answers other than that it does not lead, or the operation's deadline ends it all. */
async function sendUntilAnswered(session: LeaderSession, operation: Invocation): Promise<Value> {
  let sent = 0;
  for (;;) {
    try {
      return await session.ask((leader) => {
        sent += 1;
        return change(leader, operation, { timeoutMs: ANSWER_MS });
      });
    } catch (error) {
      if (!isWorthResending(error)) throw error;
      if (session.signal.aborted) {
        throw new IndefiniteError(`given up, sent ${sent} times`, { cause: error });
      }
    }
    await session.clock.sleep(BETWEEN_ATTEMPTS);
  }
}

function isWorthResending(error: unknown): boolean {
  const outcome = error instanceof KuduError ? masterOutcome(error) : error;
  if (outcome instanceof DefiniteError) return outcome.reason === 'refused';
  return outcome instanceof IndefiniteError;
}

function mastersOf({ nodes }: Cluster): readonly Node[] {
  return nodes.filter(isMaster);
}
