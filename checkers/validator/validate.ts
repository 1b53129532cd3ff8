/** Checks certificates against the history they are about. Shares no code with the engines that make them. */
import type { Operation, Value } from '../../harness/operation.ts';
import type { Certificate } from '../certificate.ts';
import type { JudgingOptions } from '../judging/history-judge.ts';
import type { Model } from '../linearizability/model.ts';
import { validateOrder } from './linearization-order.ts';
import { validateUnproducedRead, validateZones } from './register-faults.ts';
import type { SequentialType } from './sequential-type.ts';
import { SEQUENTIAL_REGISTER, TYPES, typeOfModel } from './sequential-types.ts';
import { validateSerialOrder } from './serial-order.ts';
import { validateSmallHistory } from './small-history.ts';
import { validateCycle } from './transaction-cycle.ts';
import { validateFault } from './transaction-fault.ts';

/**
 * @param model the name of the model the history was judged by, or a user's own model. Of registers, a partition other
 * than null tells that values are pairs [key, value].
 * @returns null when the certificate proves what it says; else the first thing that is wrong with it.
 */
export function validateCertificate(
  history: readonly Operation[],
  model: string | Model,
  options: JudgingOptions,
  certificate: Certificate,
): string | null {
  switch (certificate.kind) {
    case 'serial-order':
      if (model === 'sequential-register') {
        const order = { partition: null, order: certificate.order };
        return validateOrder(history, SEQUENTIAL_REGISTER, options, order, 'process');
      }
      return validateSerialOrder(history, model === 'list-append', options, certificate);
    case 'transaction-cycle':
      return validateCycle(history, model === 'list-append', options, certificate);
    case 'transaction-fault':
      return validateFault(history, model === 'list-append', options, certificate);
    default: {
      const type = sequentialType(model, certificate.partition);
      if (type === undefined) return 'no type of this name is known here';
      return validateSequential(history, type, options, certificate);
    }
  }
}

function validateSequential(
  history: readonly Operation[],
  type: SequentialType,
  options: JudgingOptions,
  certificate: Exclude<Certificate, { kind: 'serial-order' | `transaction-${string}` }>,
): string | null {
  switch (certificate.kind) {
    case 'linearization-order':
      return validateOrder(history, type, options, certificate);
    case 'small-illegal-history':
      return validateSmallHistory(history, type, options, certificate);
    case 'unproduced-read':
      return validateUnproducedRead(history, type, options, certificate);
    case 'conflicting-zones':
      return validateZones(history, type, options, certificate);
  }
}

const ofModels = new WeakMap<Model, SequentialType>();

function sequentialType(model: string | Model, partition: Value): SequentialType | undefined {
  if (typeof model === 'string') {
    const types = TYPES[model];
    return partition === null ? types?.whole : (types?.parts ?? types?.whole);
  }
  let type = ofModels.get(model);
  if (type === undefined) ofModels.set(model, (type = typeOfModel(model)));
  return type;
}
