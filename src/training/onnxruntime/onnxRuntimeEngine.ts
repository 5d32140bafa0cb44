import { loadOnnxRuntime } from '../../inference/onnxRuntime.ts';
import { NetworkSession } from '../network/networkSession.ts';
import type { SessionOptions, TrainingEngine } from '../trainingEngine.ts';
import { GraphRunner } from './graphRunner.ts';

/** Training on the ONNX Runtime that the extension has anyway: there is nothing to install. */
export async function openOnnxRuntimeEngine(): Promise<TrainingEngine> {
  const runtime = await loadOnnxRuntime();
  return {
    name: 'onnxruntime',
    versions: { 'onnxruntime-node': runtime.env.versions.node ?? 'unknown' },
    open: (options: SessionOptions) =>
      NetworkSession.open(options, (weights) => GraphRunner.open(runtime, options, weights)),
  };
}
