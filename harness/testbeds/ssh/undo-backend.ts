/** Undoing on hosts over SSH, for whoever heals a run that is not his own: what a dead run left there is removed. */
import { realClock } from '../../clock.ts';
import type { Value } from '../../operation.ts';
import { seededRandom } from '../../random.ts';
import type { UndoAct, UndoBackend, UndoOutcome } from '../../undo.ts';
import { SshConnection } from './connection.ts';
import type { SshHost } from './host.ts';
import { sweepHost, type Swept } from './ssh-node.ts';

/** What is kept of a run's hosts, to find them again: no secrets, only where they are found. */
export function hostSettings(hosts: readonly SshHost[], file: string | null): Value {
  return { file, hosts: hosts.map((host) => ({ ...host })) };
}

/** Nothing is connected before something is to be undone. */
export function sshUndo(settings: Value): UndoBackend {
  const { hosts, file } = settings as unknown as {
    readonly hosts: readonly SshHost[];
    readonly file: string | null;
  };
  const command = `faultline heal --hosts ${file ?? 'FILE'}`;
  return {
    perform: async (undo) => {
      const concerned = hosts.filter(({ name }) => undo.some((act) => isAbout(act, name)));
      const problems = new Map(
        await Promise.all(
          concerned.map(async (host) => [host.name, (await sweepOnce(host)).left] as const),
        ),
      );
      return undo.map((act): UndoOutcome => {
        const reasons = concerned.flatMap(({ name }) =>
          isAbout(act, name) ? (problems.get(name) ?? []) : [],
        );
        const reason = reasons.join('; ');
        return { act, problem: reason === '' ? null : { reason, command } };
      });
    },
  };
}

/** Connects, removes what runs left, and lets go. What is left, or why it is not known, is told; never rejects. */
export async function sweepOnce(host: SshHost): Promise<Swept> {
  const connection = new SshConnection(
    host,
    {
      clock: realClock(),
      draws: seededRandom(0n).sequence(host.name),
      signal: new AbortController().signal,
      environment: process.env,
    },
    () => undefined, // whatever was asked then says so
  );
  try {
    await connection.connect();
    return await sweepHost(connection);
  } catch (error) {
    return { removed: [], left: [error instanceof Error ? error.message : String(error)] };
  } finally {
    connection.close();
  }
}

/** An act without a node is about all of them. */
function isAbout(act: UndoAct, name: string): boolean {
  return act.node === undefined || act.node === name;
}
