import { loadOnnxRuntime } from '../../inference/onnxRuntime.ts';
import type { SessionOptions, TrainingEngine } from '../trainingEngine.ts';
import { OnnxTrainingSession } from './onnxTrainingSession.ts';

/** Training on the ONNX Runtime that the extension has anyway: there is nothing to install. */
export async function openOnnxRuntimeEngine(): Promise<TrainingEngine> {
  const runtime = await loadOnnxRuntime();
  return {
    name: 'onnxruntime',
    versions: { 'onnxruntime-node': runtime.env.versions.node ?? 'unknown' },
    open: (options: SessionOptions) => OnnxTrainingSession.open(runtime, options),
  };
}
