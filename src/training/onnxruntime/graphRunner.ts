import type { Tensor } from 'onnxruntime-node';
import { bertTensorShapes } from '../../checkpoint/bertTensors.ts';
import type { OnnxRuntime } from '../../inference/onnxRuntime.ts';
import type { NetworkInput } from '../network/batchInputs.ts';
import type { DropoutMasks } from '../network/dropoutMasks.ts';
import type { NetworkRunner, StepOutputs } from '../network/networkRunner.ts';
import type { SessionOptions } from '../trainingEngine.ts';
import { gradientOutput, squaresOutput } from './graphOperators.ts';
import { type LoadedGraph, loadGraph, numbers, runGraph, scalar, tensorOf } from './loadedGraph.ts';
import { buildTrainingGraph } from './trainingGraph.ts';

/** Runs a network as two ONNX graphs, one with the backward pass; they read the arrays of the weights in place. */
export class GraphRunner implements NetworkRunner {
  private constructor(
    private readonly runtime: OnnxRuntime,
    private readonly backward: LoadedGraph,
    private readonly forward: LoadedGraph,
    private readonly weights: ReadonlyMap<string, Tensor>,
  ) {}

  /** @throws UserError TRAINING_FAILED where ONNX Runtime cannot load the graphs */
  static async open(
    runtime: OnnxRuntime,
    { config, scope, dropout, threads }: SessionOptions,
    weights: ReadonlyMap<string, Float32Array>,
  ): Promise<GraphRunner> {
    const load = (backward: boolean) =>
      loadGraph(runtime, buildTrainingGraph(config, { scope, dropout, backward }), threads);
    const [backward, forward] = [await load(true), await load(false)];
    const shapes = bertTensorShapes(config);
    const tensors = [...weights].map(([name, data]): [string, Tensor] => [
      name,
      tensorOf(runtime, { data, dims: shapes.get(name) ?? [] }),
    ]);
    return new GraphRunner(runtime, backward, forward, new Map(tensors));
  }

  async step(inputs: ReadonlyMap<string, NetworkInput>, masks: DropoutMasks): Promise<StepOutputs> {
    const { gradients, dropoutSites } = this.backward.graph;
    const drawn = dropoutSites.map((site): [string, NetworkInput] => [site.name, masks.draw(site)]);
    const outputs = await runGraph(this.backward, this.feeds([...inputs, ...drawn]));
    const { embeddingGradient } = outputs;
    return {
      loss: scalar(outputs.loss),
      logits: numbers(outputs.logits).slice(),
      sumOfSquares: gradients.reduce((sum, name) => sum + scalar(outputs[squaresOutput(name)]), 0),
      gradient: (weight) => numbers(outputs[gradientOutput(weight)]),
      ...(embeddingGradient === undefined ? {} : { embeddingGradient: numbers(embeddingGradient) }),
    };
  }

  async predict(inputs: ReadonlyMap<string, NetworkInput>): Promise<Float32Array> {
    const { logits } = await runGraph(this.forward, this.feeds(inputs));
    return numbers(logits).slice();
  }

  async dispose(): Promise<void> {
    await this.backward.session.release();
    await this.forward.session.release();
  }

  private feeds(inputs: Iterable<[string, NetworkInput]>): Map<string, Tensor> {
    const feeds = new Map(this.weights);
    for (const [name, input] of inputs) feeds.set(name, tensorOf(this.runtime, input));
    return feeds;
  }
}
