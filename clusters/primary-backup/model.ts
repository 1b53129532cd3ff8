/** The primary-backup store as the simulated testbed runs it. */
import type { ModelDefinition } from '../../harness/testbeds/simulated/model.ts';
import type { Message } from './protocol.ts';
import { Replica } from './replica.ts';
import { defectsOf } from './versions.ts';

/** The version is the second word of the plan's command. */
export const primaryBackupModel: ModelDefinition<Message> = {
  name: 'primary-backup',
  create: (io) => new Replica(io, defectsOf(io.plan.command[1] ?? 'correct')),
};
