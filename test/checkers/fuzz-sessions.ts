/** Session guarantees, and watch streams. */
import { brokenGuarantee, GUARANTEES } from '../../checkers/sessions/guarantees.ts';
import { registerOptions } from '../../checkers/register-history.ts';
import { sessionHistory } from '../../checkers/sessions/session-history.ts';
import { watchFaults } from '../../checkers/watching/watch-faults.ts';
import { watchHistory } from '../../checkers/watching/watch-history.ts';
import { accessLines, drawAccesses, hasGuarantees, type Access } from '../oracles/sessions.ts';
import {
  drawWatched,
  watchContradictions,
  watchLines,
  type Watched,
} from '../oracles/watch-streams.ts';
import { armOf, type Arm } from './fuzz-run.ts';

const CONVENTIONS = { watches: ['watch'], writes: ['put'], deletes: ['delete'] };
const SESSION_OPTIONS = registerOptions({ keyed: true });

const SESSIONS = armOf<Access[]>({
  name: 'session guarantees',
  weight: 2,
  draw: drawAccesses,
  judge: (accesses, tally) => {
    const history = sessionHistory(accessLines(accesses), SESSION_OPTIONS);
    for (const guarantees of [...GUARANTEES.map((one) => [one]), GUARANTEES]) {
      const legal = hasGuarantees(accesses, new Set(guarantees));
      const found = brokenGuarantee(history, guarantees) === null ? 'valid' : 'invalid';
      tally.judged(
        `sessions: ${guarantees.length > 1 ? 'all four' : guarantees.join()}`,
        legal,
        found,
      );
    }
  },
  shrink: function* (accesses) {
    for (let place = 0; place < accesses.length; place++) {
      yield accesses.filter((_, at) => at !== place);
    }
  },
  show: (accesses) => accesses.map((one) => JSON.stringify(one)).join('\n'),
});

const WATCHES = armOf<Watched>({
  name: 'watch streams',
  weight: 2,
  draw: drawWatched,
  judge: (watched, tally) => {
    const expected = watchContradictions(watched);
    const faults = watchFaults(watchHistory(watchLines(watched), CONVENTIONS));
    const found = new Set<string>(faults.map(({ kind }) => kind));
    tally.judged('watch streams', expected.size === 0, found.size === 0 ? 'valid' : 'invalid');
    const names = (kinds: ReadonlySet<string>): string => [...kinds].sort().join();
    if (names(expected) !== names(found)) {
      tally.wrong('watch streams', `kinds: expected ${names(expected)}, found ${names(found)}`);
    }
  },
  shrink: function* ({ streams, writes }) {
    for (let place = 0; place < streams.length; place++) {
      yield { streams: streams.filter((_, at) => at !== place), writes };
      const stream = streams[place]!;
      for (let event = 0; event < stream.events.length; event++) {
        const events = stream.events.filter((_, at) => at !== event);
        yield {
          streams: streams.map((one, at) => (at === place ? { ...one, events } : one)),
          writes,
        };
      }
    }
  },
  show: (watched) =>
    watchLines(watched)
      .map((line) => JSON.stringify(line))
      .join('\n'),
});

export const SESSION_ARMS: readonly Arm[] = [SESSIONS, WATCHES];
