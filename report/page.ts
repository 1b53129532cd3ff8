/** The page itself: header, verdicts with their evidence, the drawing's data and the script that draws it. */
import { readFileSync } from 'node:fs';
import type { Anomaly, Verdict } from '../harness/checker.ts';
import { isKnown } from '../harness/known-issue.ts';
import type { Operation } from '../harness/operation.ts';
import { projectPath } from '../harness/project-path.ts';
import type { Band, Drawing } from './drawing.ts';
import { evidencePicture } from './evidence-picture.ts';
import { escapeHtml } from './escape-html.ts';
import { isWarning, type LogLine } from './log-lines.ts';
import type { Results } from './report.ts';

export interface PageContents {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly results: Results;
  readonly drawing: Drawing;
  readonly lines: readonly LogLine[];
  readonly history: readonly Operation[];
}

/** One self-contained HTML document. */
export function renderPage({ spec, results, drawing, lines, history }: PageContents): string {
  const name = escapeHtml(textOf(spec, 'name'));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${name}: ${results.validity}</title>
<style>${readFileSync(projectPath('report/page/page.css'), 'utf8')}</style></head><body>
<h1><span class="badge ${results.validity}">${results.validity}</span> ${name}</h1>
<p class="summary">${escapeHtml(results.summary)}</p>
${facts(spec)}
<h2>Verdicts</h2>
${Object.entries(results.verdicts)
  .map(([checker, verdict]) => renderVerdict(checker, verdict, history, drawing.bands))
  .join('\n')}
<h2>Timeline</h2>
<p><button id="failure"${drawing.focus.failure ? '' : ' disabled'}>the failure</button>
<button id="whole">the whole run</button>
<span class="hint">wheel: zoom; drag: move; hover: the operation</span></p>
<canvas id="timeline"></canvas><div id="tip"></div>
<h2>Rate and latency by outcome</h2>
<canvas id="rate"></canvas><canvas id="latency"></canvas>
<h2>Node events${lines.length > 0 ? ' and log lines around the failure' : ''}</h2>
${renderLines(drawing, lines)}
<script type="application/json" id="data">${inlineJson({ ...drawing, lines: lines.map(lineMark) })}</script>
<script>${readFileSync(projectPath('report/page/timeline.js'), 'utf8')}</script>
</body></html>
`;
}

/** A log line's place on the time axis: `[node, µs, warning]`. */
function lineMark({ node, at, line }: LogLine): readonly [string, number, boolean] {
  return [node, at, isWarning(line)];
}

/** JSON that is safe inside a script element: `</script>` in a value must not end it. */
export function inlineJson(value: unknown): string {
  return JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/\u2028|\u2029/g, ' ');
}

function textOf(spec: Readonly<Record<string, unknown>>, key: string): string {
  const value = spec[key];
  return typeof value === 'string' ? value : '';
}

function facts(spec: Readonly<Record<string, unknown>>): string {
  const wanted = [
    'system',
    'version',
    'workload',
    'testbed',
    'nodes',
    'concurrency',
    'rate',
    'faults',
    'seed',
  ];
  const cells = wanted
    .filter((key) => spec[key] !== undefined)
    .map((key) => `<dt>${key}</dt><dd>${escapeHtml([spec[key]].flat().join(', ') || 'none')}</dd>`);
  const again = escapeHtml(textOf(spec, 'again'));
  return `<dl>${cells.join('')}<dt>run it again</dt><dd><code>${again}</code></dd></dl>`;
}

function renderVerdict(
  checker: string,
  verdict: Verdict,
  history: readonly Operation[],
  bands: readonly Band[],
): string {
  const reason = verdict.reason === undefined ? '' : ` (${verdict.reason})`;
  const anomalies = [...(verdict.anomalies ?? [])]
    .sort((a, b) => Number(a.known !== undefined) - Number(b.known !== undefined))
    .slice(0, 10)
    .map((anomaly) => renderAnomaly(anomaly, history, bands));
  const figures =
    verdict.figures === undefined
      ? ''
      : `<details><summary>figures</summary><pre>${escapeHtml(JSON.stringify(verdict.figures, null, 1))}</pre></details>`;
  return `<section${anomalies.length === 0 ? ' class="quiet"' : ''}><h3><span class="badge ${verdict.valid}">${verdict.valid}${reason}${isKnown(verdict) ? ', known' : ''}</span> ${escapeHtml(checker)}</h3>
<p>${escapeHtml(verdict.summary)}</p>${anomalies.join('')}${figures}</section>`;
}

function renderAnomaly(
  anomaly: Anomaly,
  history: readonly Operation[],
  bands: readonly Band[],
): string {
  const faults = anomaly.faults.length === 0 ? 'none' : anomaly.faults.join(', ');
  return `<div class="anomaly"><h4>${escapeHtml(anomaly.name)}</h4>${knownAs(anomaly)}
<p><b>Broken:</b> ${escapeHtml(anomaly.guarantee)}</p>
<p class="why">${escapeHtml(anomaly.explanation)}</p>
<p>Faults in effect: ${escapeHtml(faults)}</p>
<div class="picture">${evidencePicture(anomaly, history, bands) ?? ''}</div>
${operationTable(anomaly.operations, history)}</div>`;
}

/** The issue that it is, with its page; only an address of the web becomes a link. */
function knownAs({ known }: Anomaly): string {
  if (known === undefined) return '';
  const issue = escapeHtml(known.issue);
  const link = escapeHtml(known.link);
  const text = /^https?:/.test(known.link)
    ? `<a href="${link}">${issue}</a>`
    : `${issue} (${link})`;
  return `<p><b>Known issue:</b> ${text}</p>`;
}

const MOST_ROWS = 60;

function operationTable(indexes: readonly number[], history: readonly Operation[]): string {
  const rows = indexes.slice(0, MOST_ROWS).flatMap((index) => {
    const operation = history[index];
    if (operation === undefined) return [];
    const cells = [
      String(operation.index),
      `${(operation.time / 1e9).toFixed(6)} s`,
      `p${operation.process}`,
      operation.node,
      operation.type,
      operation.f,
      JSON.stringify(operation.value),
      operation.error?.message ?? '',
    ];
    return [
      `<tr class="${operation.type}">${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`,
    ];
  });
  if (rows.length === 0) return '';
  const head = ['index', 'time', 'process', 'node', 'type', 'f', 'value', 'error'];
  return `<table><tr>${head.map((cell) => `<th>${cell}</th>`).join('')}</tr>${rows.join('')}</table>`;
}

function renderLines(drawing: Drawing, lines: readonly LogLine[]): string {
  const marks = drawing.marks.map(({ node, at, kind, text }) => ({ node, at, kind, text }));
  const logs = lines.map(({ node, at, line }) => ({ node, at, kind: 'log', text: line }));
  const rows = [...marks, ...logs]
    .sort((a, b) => a.at - b.at)
    .map(
      ({ node, at, kind, text }) =>
        `<tr class="${kind}"><td><a href="#timeline" data-at="${at}">${(at / 1e6).toFixed(3)} s</a></td>` +
        `<td>${escapeHtml(node)}</td><td>${escapeHtml(text)}</td></tr>`,
    );
  return `<table class="lines"><tr><th>time</th><th>node</th><th>what</th></tr>${rows.join('')}</table>`;
}
