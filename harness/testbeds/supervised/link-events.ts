/** What the events tell of links when their rules change. */
import type { EventSink, Observed } from '../../event.ts';
import type { LinkRule } from '../../packet-rules.ts';
import { type Link, linkKey } from '../../testbed.ts';
import { distinctLinks, isCut } from './link-rules.ts';

/** Tells of links newly cut, degraded, healed and restored; in this order, so that none looks whole in between. */
export function tellChanges(
  events: EventSink,
  before: readonly LinkRule[],
  after: readonly LinkRule[],
  at: Observed,
): void {
  const tell = (
    type: 'link-cut' | 'link-healed' | 'link-degraded' | 'link-restored',
    links: readonly Link[],
  ): void => {
    if (links.length > 0) events({ type, links, ...at });
  };
  const [cut, cutBefore] = [cutLinks(after), cutLinks(before)];
  const [degraded, degradedBefore] = [degradedLinks(after), degradedLinks(before)];
  tell('link-cut', without(cut, cutBefore));
  tell('link-degraded', without(degraded, degradedBefore));
  tell('link-healed', without(cutBefore, cut));
  tell('link-restored', without(degradedBefore, degraded));
}

function cutLinks(rules: readonly LinkRule[]): readonly Link[] {
  return distinctLinks(rules.filter(isCut));
}

function degradedLinks(rules: readonly LinkRule[]): readonly Link[] {
  return distinctLinks(rules.filter((rule) => !isCut(rule)));
}

function without(links: readonly Link[], others: readonly Link[]): readonly Link[] {
  const keys = new Set(others.map(linkKey));
  return links.filter((link) => !keys.has(linkKey(link)));
}
