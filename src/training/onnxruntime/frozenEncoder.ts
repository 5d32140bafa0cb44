import type { Tensor } from 'onnxruntime-node';
import type { BertConfig } from '../../checkpoint/bertConfig.ts';
import { bertTensorShapes } from '../../checkpoint/bertTensors.ts';
import { loadOnnxRuntime } from '../../inference/onnxRuntime.ts';
import { batchInputs } from '../network/batchInputs.ts';
import { loadGraph, numbers, runGraph, tensorOf } from './loadedGraph.ts';
import { buildFrozenGraph } from './trainingGraph.ts';

export interface FrozenEncoderOptions {
  readonly config: BertConfig;
  readonly readWeights: (name: string) => Promise<Float32Array>;
  /** Encoder layers to compute, 0 to all. */
  readonly layers: number;
  readonly threads: number;
}

/** The part of a model that is not trained. */
export interface FrozenEncoder {
  /** [tokens, H], the texts one after another, or where all layers are computed [texts, H], at [CLS]. */
  encode(sequences: readonly Int32Array[]): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Loads the first layers of a model, without dropout. @throws UserError TRAINING_FAILED */
export async function openFrozenEncoder(options: FrozenEncoderOptions): Promise<FrozenEncoder> {
  const { config, readWeights, layers, threads } = options;
  const runtime = await loadOnnxRuntime();
  const loaded = await loadGraph(runtime, buildFrozenGraph(config, layers), threads);
  const shapes = bertTensorShapes(config);
  const weights = new Map<string, Tensor>();
  for (const name of loaded.graph.weights) {
    weights.set(name, tensorOf(runtime, { data: await readWeights(name), dims: shapes.get(name) ?? [] }));
  }
  return {
    encode: async (sequences) => {
      const feeds = new Map(weights);
      for (const [name, input] of batchInputs({ sequences }, config).inputs) feeds.set(name, tensorOf(runtime, input));
      return numbers((await runGraph(loaded, feeds)).hidden);
    },
    dispose: () => loaded.session.release(),
  };
}
