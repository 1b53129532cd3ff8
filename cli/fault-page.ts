/** docs/faults.md: every fault kind, made from the code and the committed figures. */
import type { Fault, NemesisPackage, ParameterForm } from '../harness/nemesis.ts';

/** Fire and heal times by kind; see bench/fault-figures.ts. */
export interface PageFigures {
  readonly machine: string;
  readonly day: string;
  readonly kinds: Readonly<
    Record<
      string,
      | { readonly fireMs: number; readonly healMs: number | null; readonly repeats: number }
      | { readonly skipped: string }
    >
  >;
}

const INTRODUCTION = `# Faults

Made from the code by \`npm run docs:faults\`; do not edit. Times are medians of \`npm run bench:faults\`: _fire_ is from the
moment the trigger is seen until the act is known to be done, _heal_ how long healing takes, both without the looking
that follows (every fault is verified by two independent observations after firing, again before healing, and after
healing). Undo data is on disk before a fault fires; whatever becomes of the harness, the node's own supervisor, the
guardian, the next start or \`faultline heal\` puts it right.

A kind that this machine cannot have is skipped by name, with the reason; a fault that did not take effect is recorded as
such and never counted. Selectors: which nodes; the first is the default. Parameters are given in a schedule
([schedules.md](schedules.md)).
`;

/** The whole page. */
export function faultPage(packages: readonly NemesisPackage[], figures: PageFigures): string {
  const measured = `Measured on ${figures.machine}, ${figures.day}.\n`;
  const seen = new Set<string>();
  const sections = packages.map((one) => {
    const kinds = one.kinds.filter(({ kind }) => !seen.has(kind));
    kinds.forEach(({ kind }) => seen.add(kind));
    return section(one, kinds, figures);
  });
  return [INTRODUCTION, measured, overview(packages, figures), ...sections].join('\n');
}

/** One line a kind. */
function overview(packages: readonly NemesisPackage[], { kinds }: PageFigures): string {
  const head = [
    '| kind | package | fired in | healed in | who else has it |',
    '| - | - | - | - | - |',
  ];
  const rows = packages.flatMap((one) =>
    one.kinds.map((fault) => {
      const cells = [anchor(fault.kind), one.name, ...msOf(kinds[fault.kind])];
      return `| ${[...cells, fault.about?.peers ?? ''].join(' | ')} |`;
    }),
  );
  return [...head, ...new Set(rows), ''].join('\n');
}

function anchor(kind: string): string {
  return `[${kind}](#${kind})`;
}

function msOf(figure: PageFigures['kinds'][string] | undefined): readonly string[] {
  if (figure === undefined || 'skipped' in figure) return ['-', '-'];
  return [`${figure.fireMs} ms`, figure.healMs === null ? '-' : `${figure.healMs} ms`];
}

function section(one: NemesisPackage, kinds: readonly Fault[], figures: PageFigures): string {
  const head = [`## ${one.name}`, '', sentence(one.summary), ''];
  return [...head, ...kinds.map((kind) => entry(kind, figures))].join('\n');
}

function entry(fault: Fault, { kinds }: PageFigures): string {
  const { about, parameters = {} } = fault;
  const lines = [
    `### \`${fault.kind}\``,
    '',
    sentence(fault.summary),
    '',
    `- selectors: ${fault.selectors.join(', ')}`,
    ...Object.entries(parameters).map(([name, form]) => parameterLine(name, form)),
    ...(about === undefined ? [] : aboutLines(about)),
    `- ${timesOf(kinds[fault.kind])}`,
    '',
  ];
  return lines.join('\n');
}

function aboutLines(about: NonNullable<Fault['about']>): readonly string[] {
  return [
    `- needs: ${about.needs}`,
    `- verified: ${about.verified}`,
    `- healed: ${about.healed}`,
    `- who else has it: ${about.peers}`,
  ];
}

function parameterLine(name: string, form: ParameterForm): string {
  const fallback =
    form.default === null
      ? 'required'
      : `default: ${typeof form.default === 'string' ? form.default : JSON.stringify(form.default)}`;
  return `- parameter \`${name}\`: ${form.meaning}; ${fallback}`;
}

function timesOf(figure: PageFigures['kinds'][string] | undefined): string {
  if (figure === undefined) return 'not measured';
  if ('skipped' in figure) return `not measured: ${figure.skipped}`;
  const healed = figure.healMs === null ? 'not healed' : `healed in ${figure.healMs} ms`;
  return `fired in ${figure.fireMs} ms, ${healed} (medians of ${figure.repeats})`;
}

function sentence(text: string): string {
  const first = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.)]$/u.test(first) ? first : `${first}.`;
}
