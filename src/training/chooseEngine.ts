import { openOnnxRuntimeEngine } from './onnxruntime/onnxRuntimeEngine.ts';
import { findTensorFlow, requireTensorFlow } from './tensorflow/install/installation.ts';
import type { EngineName, TrainingEngine } from './trainingEngine.ts';

export interface EngineChoice {
  readonly engine: 'auto' | EngineName;
  /** Folder under which TensorFlow may be installed. */
  readonly tensorflowRoot: string;
  readonly threads: number;
}

/**
 * Opens the engine that was asked for; `auto` is TensorFlow where that is installed, and else the one that works everywhere.
 * @throws UserError ENGINE_NOT_INSTALLED
 */
export async function chooseEngine({ engine, tensorflowRoot, threads }: EngineChoice): Promise<TrainingEngine> {
  if (engine === 'onnxruntime') return openOnnxRuntimeEngine();
  const find = engine === 'tensorflow' ? requireTensorFlow : findTensorFlow;
  const installation = await find(tensorflowRoot);
  if (installation === undefined) return openOnnxRuntimeEngine();
  // Loads a bundle of its own, which only those need who have the library.
  const { openTensorFlowEngine } = await import('./tensorflow/tensorflowEngine.ts');
  return openTensorFlowEngine({ directory: installation.folder, threads });
}
