import { UserError } from '../core/userError.ts';
import { openOnnxRuntimeEngine } from './onnxruntime/onnxRuntimeEngine.ts';
import type { EngineName, TrainingEngine } from './trainingEngine.ts';

export interface EngineChoice {
  readonly engine: 'auto' | EngineName;
  /** Where TensorFlow is installed; absent where it is not. */
  readonly tensorflowDirectory?: string;
  readonly threads: number;
}

/**
 * Opens the engine that was asked for; `auto` is TensorFlow where that is installed, and else the one that works everywhere.
 * @throws UserError ENGINE_NOT_INSTALLED
 */
export async function chooseEngine({ engine, tensorflowDirectory, threads }: EngineChoice): Promise<TrainingEngine> {
  if (engine === 'onnxruntime' || (engine === 'auto' && tensorflowDirectory === undefined)) {
    return openOnnxRuntimeEngine();
  }
  if (tensorflowDirectory === undefined) {
    throw new UserError(
      'ENGINE_NOT_INSTALLED',
      'TensorFlow is not installed: install it with the command "Install TensorFlow Engine" or `caselight install-tensorflow`, or train with the engine onnxruntime, which needs nothing to be installed.',
    );
  }
  const { openTensorFlowEngine } = await import('./tensorflow/tensorflowEngine.ts');
  return openTensorFlowEngine({ directory: tensorflowDirectory, threads });
}
