import { NetworkSession } from '../network/networkSession.ts';
import type { SessionOptions, TrainingEngine } from '../trainingEngine.ts';
import { TensorRunner } from './tensorRunner.ts';

/** Training in TensorFlow.js operators, on the backend that is set. @param versions of what computes */
export function tensorEngine(versions: Readonly<Record<string, string>>): TrainingEngine {
  return {
    name: 'tensorflow',
    versions,
    open: (options: SessionOptions) =>
      NetworkSession.open(options, async (weights) => new TensorRunner(options, weights)),
  };
}
