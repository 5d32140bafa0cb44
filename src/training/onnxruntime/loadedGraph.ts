import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { UserError } from '../../core/userError.ts';
import type { OnnxRuntime } from '../../inference/onnxRuntime.ts';
import { encodeModel } from '../../onnx/encodeModel.ts';
import type { NetworkInput } from '../network/batchInputs.ts';
import type { NetworkGraph } from './trainingGraph.ts';

/** A graph whose weights are inputs, and the session that runs it. */
export interface LoadedGraph {
  readonly graph: NetworkGraph;
  readonly session: InferenceSession;
}

/** Loads a graph. @throws UserError TRAINING_FAILED */
export async function loadGraph(runtime: OnnxRuntime, graph: NetworkGraph, threads: number): Promise<LoadedGraph> {
  try {
    const session = await runtime.InferenceSession.create(encodeModel(graph.model), {
      intraOpNumThreads: threads,
      // Lengths differ from batch to batch: a pattern of one is of no use to the next.
      enableMemPattern: false,
    });
    return { graph, session };
  } catch (cause) {
    throw new UserError('TRAINING_FAILED', 'ONNX Runtime could not load the training graph: reinstall Caselight.', {
      cause,
    });
  }
}

/**
 * Runs a graph on those of `inputs` that it declares. Outputs are new arrays, whatever arrays are offered for them:
 * onnxruntime-node 1.30 copies each once more than into an array of ours, so giving it some costs memory.
 * @throws UserError TRAINING_FAILED
 */
export async function runGraph(
  { session }: LoadedGraph,
  inputs: ReadonlyMap<string, Tensor>,
): Promise<Record<string, Tensor | undefined>> {
  const feeds: Record<string, Tensor> = {};
  for (const name of session.inputNames) {
    const tensor = inputs.get(name);
    if (tensor === undefined) throw new Error(`nothing was given for the input ${name}`);
    feeds[name] = tensor;
  }
  try {
    return await session.run(feeds);
  } catch (cause) {
    throw new UserError(
      'TRAINING_FAILED',
      'ONNX Runtime could not compute a training step, perhaps for want of memory: close other programs, or train fewer layers or smaller batches.',
      { cause },
    );
  }
}

/** The elements of an output. */
export function numbers(tensor: Tensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new Error('ONNX Runtime gave no numbers for an output of the training graph');
}

/** The element of an output that is a scalar. */
export function scalar(tensor: Tensor | undefined): number {
  return numbers(tensor)[0] ?? Number.NaN;
}

/** An array as an input, without a copy. */
export function tensorOf({ Tensor }: OnnxRuntime, { data, dims }: NetworkInput): Tensor {
  return data instanceof Float32Array ? new Tensor('float32', data, dims) : new Tensor('int32', data, dims);
}
