import type { UpdateTensor } from '../network/adam.ts';
import { NetworkSession } from '../network/networkSession.ts';
import type { SessionOptions, TrainingEngine } from '../trainingEngine.ts';
import { TensorRunner } from './tensorRunner.ts';

/**
 * Training in TensorFlow.js operators, on the backend that is set.
 * @param versions of what computes
 * @param update Adam, where there is something faster than JavaScript
 */
export function tensorEngine(versions: Readonly<Record<string, string>>, update?: UpdateTensor): TrainingEngine {
  return {
    name: 'tensorflow',
    versions,
    open: (options: SessionOptions) =>
      NetworkSession.open(options, async (weights) => new TensorRunner(options, weights), update),
  };
}
