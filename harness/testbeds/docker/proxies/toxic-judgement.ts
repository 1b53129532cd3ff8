/** What a toxic must look like to one who dials through it, beside what the same dial met without it. */
import type { ProxiedStream, Toxic } from '../../../means/proxies.ts';
import type { ProxiedDial } from './proxied-dial.ts';
import type { ToxicForm } from './toxiproxy.ts';

/** Less cannot be told from a busy machine. */
const LEAST_MS = 10;

/** Milliseconds that a dial waits for: long enough to see what the toxic delays. */
export function dialLimit(toxic: Toxic): number {
  switch (toxic.type) {
    case 'latency':
      return 2 * (toxic.latency + toxic.jitter) + 500;
    case 'slow_close':
      return toxic.delay + 500;
    default:
      return 700;
  }
}

/** Whether the dial shows the toxic; null: this dial cannot tell. @param before the same dial without it */
export function judgeDial(
  toxic: Toxic,
  stream: ProxiedStream['stream'],
  before: ProxiedDial,
  now: ProxiedDial,
): boolean | null {
  if (toxic.type === 'down') return now.end === 'refused';
  // A peer that does not answer at all, toxic or not, shows nothing.
  if (before.firstMs === null) return null;
  if (toxic.type === 'latency') {
    const least = toxic.latency - toxic.jitter;
    return least < LEAST_MS ? null : now.firstMs === null || now.firstMs >= 0.95 * least;
  }
  if (toxic.type === 'timeout') return now.firstMs === null;
  if (toxic.type === 'reset_peer') return now.firstMs === null || now.end === 'reset';
  // The rest shows in the answer's bytes.
  return stream === 'upstream' ? null : judgeAnswer(toxic, before, now);
}

function judgeAnswer(toxic: Toxic, before: ProxiedDial, now: ProxiedDial): boolean | null {
  switch (toxic.type) {
    case 'bandwidth': {
      const least = before.bytes / toxic.rate;
      return least < LEAST_MS ? null : now.bytes < before.bytes || now.tookMs >= 0.8 * least;
    }
    case 'slow_close':
      if (before.end !== 'closed' || toxic.delay < LEAST_MS) return null;
      return now.end !== 'closed' || now.tookMs >= 0.95 * toxic.delay;
    case 'limit_data':
      return before.bytes <= toxic.bytes ? null : now.bytes <= toxic.bytes;
    case 'slicer': {
      const slices = before.bytes / (toxic.average_size + toxic.size_variation);
      const least = ((slices - 1) * toxic.delay) / 1000;
      return least < LEAST_MS ? null : now.tookMs >= 0.8 * least;
    }
    default:
      return null;
  }
}

/** A toxic in the server's form. @param id of the fault's part, so that toxics of others stay apart */
export function toxicForm(
  toxic: Exclude<Toxic, { type: 'down' }>,
  stream: ProxiedStream['stream'],
  toxicity: number,
  id: string,
): ToxicForm {
  const { type, ...attributes } = toxic;
  return { name: `fl-${id}-${type}-${stream}`, type, stream, toxicity, attributes };
}
