/** docs/faults.md: every fault kind, made from the code and the committed figures. */
import type { FaultFigures, KindFigure } from '../bench/fault-figures.ts';
import type { Fault, NemesisPackage, ParameterForm } from '../harness/nemesis.ts';

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
export function faultPage(packages: readonly NemesisPackage[], figures: FaultFigures): string {
  const measured = `Measured on ${figures.machine}, ${figures.day}.\n`;
  const sections = packages.map((one) => section(one, figures));
  return [INTRODUCTION, measured, overview(packages, figures), ...sections].join('\n');
}

/** One line a kind. */
function overview(packages: readonly NemesisPackage[], { kinds }: FaultFigures): string {
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
  return [...head, ...rows, ''].join('\n');
}

function anchor(kind: string): string {
  return `[${kind}](#${kind})`;
}

function msOf(figure: KindFigure | undefined): readonly string[] {
  if (figure === undefined || 'skipped' in figure) return ['-', '-'];
  return [`${figure.fireMs} ms`, figure.healMs === null ? '-' : `${figure.healMs} ms`];
}

function section(one: NemesisPackage, figures: FaultFigures): string {
  const head = [`## ${one.name}`, '', sentence(one.summary), ''];
  return [...head, ...one.kinds.map((kind) => entry(kind, figures))].join('\n');
}

function entry(fault: Fault, { kinds }: FaultFigures): string {
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
  const { default: fallback } = form;
  const words = typeof fallback === 'string' ? fallback : JSON.stringify(fallback);
  const rest = fallback === null ? 'required' : `default: ${words}`;
  return `- parameter \`${name}\`: ${form.meaning}; ${rest}`;
}

function timesOf(figure: KindFigure | undefined): string {
  if (figure === undefined) return 'not measured';
  if ('skipped' in figure) return `not measured: ${figure.skipped}`;
  const healed = figure.healMs === null ? 'not healed' : `healed in ${figure.healMs} ms`;
  return `fired in ${figure.fireMs} ms, ${healed} (medians of ${figure.repeats})`;
}

function sentence(text: string): string {
  const first = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.)]$/u.test(first) ? first : `${first}.`;
}
