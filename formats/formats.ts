/** All formats, in the order they are listed. */
import { unknownName } from '../harness/nearest.ts';
import { AWDIT } from './awdit.ts';
import { COBRA_JSONL, COBRA_RAW } from './cobra.ts';
import { ELLE_GOLDEN, ELLE_ORACLE, ELLE_PERF } from './elle.ts';
import { FAULTLINE } from './faultline.ts';
import type { HistoryFormat } from './format.ts';
import { JEPSEN_EDN, PORCUPINE_KV } from './jepsen-edn.ts';
import { JEPSEN_JSON } from './jepsen-json.ts';
import { JEPSEN_LOG } from './jepsen-log.ts';
import { REGISTER_CASES, REGISTER_OPS } from './register-ops.ts';

export const FORMATS: readonly HistoryFormat[] = [
  JEPSEN_EDN,
  JEPSEN_LOG,
  JEPSEN_JSON,
  PORCUPINE_KV,
  ELLE_GOLDEN,
  ELLE_ORACLE,
  ELLE_PERF,
  REGISTER_OPS,
  REGISTER_CASES,
  COBRA_JSONL,
  COBRA_RAW,
  AWDIT,
  FAULTLINE,
];

/** @throws RangeError with the nearest valid name */
export function formatNamed(name: string): HistoryFormat {
  const format = FORMATS.find((known) => known.name === name);
  if (format !== undefined) return format;
  throw new RangeError(
    unknownName(
      'format',
      name,
      FORMATS.map((known) => known.name),
    ),
  );
}
