/** `faultline heal --hosts FILE`: removes what runs left on hosts, also those that were kept or that nobody remembers. */
import { sweepOnce } from '../harness/testbeds/ssh/undo-backend.ts';
import { readHosts } from './hosts.ts';

/** Prints what was done. @returns whether nothing is left @throws UsageError */
export async function healHosts(file: string, json: boolean): Promise<boolean> {
  const swept = await Promise.all(readHosts(file).map((host) => sweepOnce(host)));
  const removed = swept.flatMap((one) => one.removed);
  const problems = swept.flatMap((one) => one.left);
  if (json) process.stdout.write(`${JSON.stringify({ removed, problems })}\n`);
  else {
    for (const part of removed) process.stdout.write(`removed what ${part} left\n`);
    if (removed.length + problems.length === 0) {
      process.stdout.write('nothing to heal\n');
    }
    for (const problem of problems) process.stdout.write(`not healed: ${problem}\n`);
  }
  return problems.length === 0;
}
