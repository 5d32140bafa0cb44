import { UserError } from '../core/userError.ts';
import { openOnnxRuntimeEngine } from './onnxruntime/onnxRuntimeEngine.ts';
import type { EngineName, TrainingEngine } from './trainingEngine.ts';

/** Opens the engine that was asked for; `auto` is the one that works everywhere. @throws UserError ENGINE_NOT_INSTALLED */
export async function chooseEngine(wanted: 'auto' | EngineName): Promise<TrainingEngine> {
  if (wanted === 'tensorflow') {
    throw new UserError(
      'ENGINE_NOT_INSTALLED',
      'This version of Caselight has no TensorFlow engine yet: train with the engine onnxruntime, which needs nothing to be installed.',
    );
  }
  return openOnnxRuntimeEngine();
}
