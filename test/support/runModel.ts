import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { encodeModel } from '../../src/onnx/encodeModel.ts';
import type { OnnxModel, OnnxTensor } from '../../src/onnx/onnxModel.ts';

/** Runs a model once in ONNX Runtime and returns its outputs. */
export async function runModel(model: OnnxModel, feeds: Record<string, Tensor> = {}): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(encodeModel(model), { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    return { ...(await session.run(feeds)) };
  } finally {
    await session.release();
  }
}

/** A float tensor inside the model file. */
export function floatTensor(name: string, dims: readonly number[], values: Float32Array): OnnxTensor {
  return { name, dataType: 'float', dims, data: new Uint8Array(values.buffer) };
}
