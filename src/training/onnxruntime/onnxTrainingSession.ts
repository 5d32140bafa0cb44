import type { Tensor } from 'onnxruntime-node';
import { bertNames, bertTensorShapes } from '../../checkpoint/bertTensors.ts';
import type { OnnxRuntime } from '../../inference/onnxRuntime.ts';
import { decaysWeight } from '../decaysWeight.ts';
import type {
  EncodedBatch,
  Moments,
  SessionOptions,
  StepResult,
  StepSettings,
  TrainingBatch,
  TrainingSession,
} from '../trainingEngine.ts';
import { type AdamStep, adamStep, applyAdam } from './adam.ts';
import { type BatchFeeds, batchFeeds, targetFeeds } from './batchFeeds.ts';
import { DropoutMasks } from './dropoutMasks.ts';
import { EmbeddingTable, gradientsByRow } from './embeddingTable.ts';
import { type LoadedGraph, loadGraph, numbers, runGraph } from './loadedGraph.ts';
import { gradientName } from './tapedGraph.ts';
import { buildTrainingGraph, EMBEDDING_GRADIENT, squaresOutput, type TrainingGraph } from './trainingGraph.ts';

/** A tensor that has a gradient as a whole: weights and moments, of one shape. */
interface DenseParameter {
  readonly weights: Float32Array;
  readonly moments: Moments;
  readonly decays: boolean;
}

type Loaded = LoadedGraph<TrainingGraph>;

/**
 * Training on ONNX Runtime: a graph for the gradients, whose weights are arrays of ours that it reads in place, and Adam in
 * JavaScript on the same arrays.
 */
export class OnnxTrainingSession implements TrainingSession {
  readonly trained: readonly string[];
  stepCount = 0;
  private readonly masks: DropoutMasks;
  private readonly weightTensors: ReadonlyMap<string, Tensor>;

  private constructor(
    private readonly runtime: OnnxRuntime,
    private readonly options: SessionOptions,
    private readonly backward: Loaded,
    private readonly forward: Loaded,
    private readonly parameters: ReadonlyMap<string, DenseParameter>,
    private readonly tables: ReadonlyMap<string, EmbeddingTable>,
  ) {
    const shapes = bertTensorShapes(options.config);
    this.trained = [...shapes.keys()].filter((name) => parameters.has(name) || tables.has(name));
    this.masks = new DropoutMasks(backward.graph.dropoutSites, options.dropout);
    const tensor = (name: string, data: Float32Array) =>
      new runtime.Tensor('float32', data, [...(shapes.get(name) ?? [])]);
    this.weightTensors = new Map(
      this.trained.map((name) => [
        name,
        tensor(name, (parameters.get(name) ?? tables.get(name))?.weights ?? new Float32Array(0)),
      ]),
    );
  }

  /** @throws UserError TRAINING_FAILED where ONNX Runtime cannot load the graph */
  static async open(runtime: OnnxRuntime, options: SessionOptions): Promise<OnnxTrainingSession> {
    const { config, scope, dropout } = options;
    const step = await loadGraph(
      runtime,
      buildTrainingGraph(config, { scope, dropout, backward: true }),
      options.threads,
    );
    const forward = await loadGraph(
      runtime,
      buildTrainingGraph(config, { scope, dropout, backward: false }),
      options.threads,
    );
    const shapes = bertTensorShapes(config);
    const dense = new Set(step.graph.gradients);
    const parameters = new Map<string, DenseParameter>();
    const tables = new Map<string, EmbeddingTable>();
    for (const name of step.graph.weights) {
      const weights = await options.readWeights(name);
      const zeros = () => new Float32Array(weights.length);
      const moments = { first: zeros(), second: zeros() };
      if (dense.has(name)) {
        const decays = options.optimizer.optimizer === 'adamw' && decaysWeight(name);
        parameters.set(name, { weights, moments, decays });
      } else tables.set(name, new EmbeddingTable(weights, moments, shapes.get(name)?.[1] ?? 0));
    }
    return new OnnxTrainingSession(runtime, options, step, forward, parameters, tables);
  }

  size(name: string): number {
    return (this.tables.get(name) ?? this.parameter(name)).weights.length;
  }

  async step(batch: TrainingBatch, { learningRate, dropoutSeed }: StepSettings): Promise<StepResult> {
    const { config, optimizer } = this.options;
    const feeds = this.prepare(batch);
    const inputs = new Map([
      ...this.weightTensors,
      ...feeds.tensors,
      ...targetFeeds(this.runtime, batch, config.labels.length),
    ]);
    for (const [name, { mask, dims }] of this.masks.draw(dropoutSeed, feeds.sizes)) {
      inputs.set(name, new this.runtime.Tensor('float32', mask, [...dims]));
    }
    const outputs = await runGraph(this.backward, inputs);
    const rows = this.gradientsOfTables(outputs[EMBEDDING_GRADIENT], feeds);
    const gradientNorm = Math.sqrt(this.sumOfSquares(outputs, rows));
    const { clipNorm } = optimizer;
    // As torch.nn.utils.clip_grad_norm_ has it.
    const scale = clipNorm === undefined ? 1 : Math.min(1, clipNorm / (gradientNorm + 1e-6));
    this.stepCount++;
    this.update(outputs, rows, adamStep(this.stepCount, learningRate, scale), 1 - learningRate * optimizer.weightDecay);
    return { loss: scalar(outputs.loss), gradientNorm, logits: numbers(outputs.logits).slice() };
  }

  async predict(batch: EncodedBatch): Promise<Float32Array> {
    const { tensors } = this.prepare(batch);
    const { logits } = await runGraph(this.forward, new Map([...this.weightTensors, ...tensors]));
    return numbers(logits).slice();
  }

  async weights(name: string): Promise<Float32Array> {
    return this.tables.get(name)?.current() ?? this.parameter(name).weights.slice();
  }

  async moments(name: string): Promise<Moments> {
    const { first, second } = (this.tables.get(name) ?? this.parameter(name)).moments;
    return { first: first.slice(), second: second.slice() };
  }

  async restore(name: string, weights: Float32Array, moments: Moments): Promise<void> {
    const table = this.tables.get(name);
    if (table !== undefined) return table.restore(weights, moments);
    const parameter = this.parameter(name);
    parameter.weights.set(weights);
    parameter.moments.first.set(moments.first);
    parameter.moments.second.set(moments.second);
  }

  async dispose(): Promise<void> {
    await this.backward.session.release();
    await this.forward.session.release();
  }

  private prepare(batch: EncodedBatch): BatchFeeds {
    const feeds = batchFeeds(this.runtime, batch, this.options.config);
    for (const [name, table] of this.tables) table.touch(rowsOf(name, feeds));
    return feeds;
  }

  private gradientsOfTables(
    output: Tensor | undefined,
    feeds: BatchFeeds,
  ): ReadonlyMap<string, Map<number, Float32Array>> {
    if (output === undefined) return new Map();
    const { embeddingSize } = this.options.config;
    return new Map(
      [...this.tables.keys()].map((name) => [
        name,
        gradientsByRow(numbers(output), rowsOf(name, feeds), embeddingSize),
      ]),
    );
  }

  private sumOfSquares(
    outputs: Readonly<Record<string, Tensor | undefined>>,
    rows: ReadonlyMap<string, ReadonlyMap<number, Float32Array>>,
  ): number {
    let sum = 0;
    for (const name of this.parameters.keys()) sum += scalar(outputs[squaresOutput(name)]);
    for (const gradients of rows.values()) {
      for (const gradient of gradients.values()) for (const value of gradient) sum += value * value;
    }
    return sum;
  }

  private update(
    outputs: Readonly<Record<string, Tensor | undefined>>,
    rows: ReadonlyMap<string, ReadonlyMap<number, Float32Array>>,
    step: AdamStep,
    keep: number,
  ): void {
    for (const [name, { weights, moments, decays }] of this.parameters) {
      applyAdam(weights, moments, numbers(outputs[gradientName(name)]), 0, step, decays ? keep : 1);
    }
    const tablesKeep = this.options.optimizer.optimizer === 'adamw' ? keep : 1;
    for (const [name, table] of this.tables) table.update(rows.get(name) ?? new Map(), step, tablesKeep);
  }

  private parameter(name: string): DenseParameter {
    const parameter = this.parameters.get(name);
    if (parameter === undefined) throw new Error(`${name} is not trained`);
    return parameter;
  }
}

/** The row of each token in a table of embeddings. */
function rowsOf(name: string, { wordRows, positionRows }: BatchFeeds): Int32Array {
  if (name === bertNames.wordEmbeddings) return wordRows;
  return name === bertNames.positionEmbeddings ? positionRows : new Int32Array(wordRows.length);
}

function scalar(tensor: Tensor | undefined): number {
  return numbers(tensor)[0] ?? Number.NaN;
}
