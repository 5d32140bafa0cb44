import path from 'node:path';
import { OnnxInitializers } from './onnx/onnxInitializers.ts';
import { PytorchFile } from './pytorch/pytorchFile.ts';
import { SafetensorsFile } from './safetensors.ts';
import { ShardedSafetensors } from './shardedSafetensors.ts';
import { TensorflowH5File } from './tensorflow/tensorflowH5.ts';
import type { TensorSource } from './tensorSource.ts';
import { findWeightFile, type WeightFile } from './weightFiles.ts';

const readers: Readonly<Record<WeightFile, (file: string) => Promise<TensorSource>>> = {
  'model.safetensors': (file) => SafetensorsFile.open(file),
  'model.safetensors.index.json': (file) => ShardedSafetensors.open(file),
  'pytorch_model.bin': (file) => PytorchFile.open(file),
  'tf_model.h5': (file) => TensorflowH5File.open(file),
  'model.onnx': (file) => OnnxInitializers.open(file),
};

/**
 * Opens the weights of a checkpoint folder, whatever their format; the caller closes them.
 * @throws UserError MODEL_NOT_FOUND, or what the reader of the format throws
 */
export async function openCheckpoint(directory: string): Promise<TensorSource> {
  const file = await findWeightFile(directory);
  return readers[file](path.join(directory, file));
}
