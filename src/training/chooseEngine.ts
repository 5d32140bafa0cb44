import { UserError } from '../core/userError.ts';
import { openOnnxRuntimeEngine } from './onnxruntime/onnxRuntimeEngine.ts';
import { requireTensorFlow, tensorFlowState } from './tensorflow/install/installation.ts';
import { requireTensorFlowMachine } from './tensorflow/install/platform.ts';
import type { EngineName, TrainingEngine } from './trainingEngine.ts';

export interface EngineChoice {
  readonly engine: 'auto' | EngineName;
  /** Folder under which TensorFlow may be installed. */
  readonly tensorflowRoot: string;
  readonly threads: number;
}

/**
 * Opens the engine that was asked for; `auto` is TensorFlow where that is installed, and else the one that works everywhere.
 * @param onNote is told a sentence where TensorFlow is installed and `auto` cannot take it
 * @throws UserError ENGINE_NOT_INSTALLED where TensorFlow was asked for
 */
export async function chooseEngine(choice: EngineChoice, onNote: (sentence: string) => void): Promise<TrainingEngine> {
  if (choice.engine === 'tensorflow') return openInstalled(choice);
  if (choice.engine === 'onnxruntime') return openOnnxRuntimeEngine();
  if ((await tensorFlowState(choice.tensorflowRoot)).kind === 'absent') return openOnnxRuntimeEngine();
  try {
    return await openInstalled(choice);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    onNote(`ONNX Runtime trains in place of TensorFlow. ${error.message}`);
    return openOnnxRuntimeEngine();
  }
}

async function openInstalled({ tensorflowRoot, threads }: EngineChoice): Promise<TrainingEngine> {
  await requireTensorFlowMachine();
  const { folder } = await requireTensorFlow(tensorflowRoot);
  // Loads a bundle of its own, which only those need who have the library.
  const { openTensorFlowEngine } = await import('./tensorflow/tensorflowEngine.ts');
  return openTensorFlowEngine({ directory: folder, threads });
}
