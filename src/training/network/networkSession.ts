import { bertNames, bertTensorShapes } from '../../checkpoint/bertTensors.ts';
import type {
  EncodedBatch,
  Moments,
  SessionOptions,
  StepResult,
  StepSettings,
  TrainingBatch,
  TrainingSession,
} from '../trainingEngine.ts';
import { trainedTensors } from '../trainingMemory.ts';
import { type AdamStep, adamStep, type UpdateTensor, updateTensor } from './adam.ts';
import { type BatchInputs, batchInputs } from './batchInputs.ts';
import { decaysWeight } from './decaysWeight.ts';
import { DropoutMasks } from './dropoutMasks.ts';
import { EmbeddingTable, gradientsByRow } from './embeddingTable.ts';
import type { NetworkRunner, StepOutputs } from './networkRunner.ts';

/** A tensor that has a gradient as a whole: weights and moments, of one shape. */
interface DenseParameter {
  readonly weights: Float32Array;
  readonly moments: Moments;
  readonly decays: boolean;
}

const TABLES: ReadonlySet<string> = new Set([
  bertNames.wordEmbeddings,
  bertNames.positionEmbeddings,
  bertNames.tokenTypeEmbeddings,
]);

type RowGradients = ReadonlyMap<string, ReadonlyMap<number, Float32Array>>;

/**
 * Training whose gradients a runner computes: weights and moments are arrays of ours, which the runner reads and Adam changes
 * in place.
 */
export class NetworkSession implements TrainingSession {
  stepCount = 0;
  private readonly masks: DropoutMasks;

  private constructor(
    private readonly options: SessionOptions,
    private readonly runner: NetworkRunner,
    readonly trained: readonly string[],
    private readonly parameters: ReadonlyMap<string, DenseParameter>,
    private readonly tables: ReadonlyMap<string, EmbeddingTable>,
    private readonly updateTensor: UpdateTensor,
  ) {
    this.masks = new DropoutMasks(options.dropout);
  }

  /**
   * @param openRunner is given the weights that are trained, which are all that the network reads
   * @param update of tensors that have a gradient as a whole
   */
  static async open(
    options: SessionOptions,
    openRunner: (weights: ReadonlyMap<string, Float32Array>) => Promise<NetworkRunner>,
    update: UpdateTensor = updateTensor,
  ): Promise<NetworkSession> {
    const { config, scope, optimizer, readWeights } = options;
    const shapes = bertTensorShapes(config);
    const trained = trainedTensors(config, scope);
    const weights = new Map<string, Float32Array>();
    const parameters = new Map<string, DenseParameter>();
    const tables = new Map<string, EmbeddingTable>();
    for (const name of trained) {
      const values = await readWeights(name);
      weights.set(name, values);
      const zeros = () => new Float32Array(values.length);
      const moments = { first: zeros(), second: zeros() };
      if (TABLES.has(name)) tables.set(name, new EmbeddingTable(values, moments, shapes.get(name)?.[1] ?? 0));
      else {
        const decays = optimizer.optimizer === 'adamw' && decaysWeight(name);
        parameters.set(name, { weights: values, moments, decays });
      }
    }
    return new NetworkSession(options, await openRunner(weights), trained, parameters, tables, update);
  }

  size(name: string): number {
    return (this.tables.get(name) ?? this.parameter(name)).weights.length;
  }

  async step(batch: TrainingBatch, { learningRate, dropoutSeed }: StepSettings): Promise<StepResult> {
    const { weightDecay, clipNorm } = this.options.optimizer;
    const prepared = batchInputs(batch, this.options.config);
    for (const [name, table] of this.tables) table.touch(rowsOf(name, prepared));
    this.masks.begin(dropoutSeed, prepared.sizes);
    const outputs = await this.runner.step(prepared.inputs, this.masks);
    const rows = this.gradientsOfTables(outputs.embeddingGradient, prepared);
    const gradientNorm = Math.sqrt(outputs.sumOfSquares + sumOfSquares(rows));
    // As torch.nn.utils.clip_grad_norm_ has it.
    const scale = clipNorm === undefined ? 1 : Math.min(1, clipNorm / (gradientNorm + 1e-6));
    this.stepCount++;
    this.update(outputs, rows, adamStep(this.stepCount, learningRate, scale), 1 - learningRate * weightDecay);
    return { loss: outputs.loss, gradientNorm, logits: outputs.logits };
  }

  async predict(batch: EncodedBatch): Promise<Float32Array> {
    const prepared = batchInputs(batch, this.options.config);
    const lent = [...this.tables].map(([name, table]) => table.lend(rowsOf(name, prepared)));
    try {
      return await this.runner.predict(prepared.inputs);
    } finally {
      for (const giveBack of lent) giveBack();
    }
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
    await this.runner.dispose();
  }

  private gradientsOfTables(gradient: Float32Array | undefined, prepared: BatchInputs): RowGradients {
    if (gradient === undefined) return new Map();
    const { embeddingSize } = this.options.config;
    return new Map(
      [...this.tables.keys()].map((name) => [name, gradientsByRow(gradient, rowsOf(name, prepared), embeddingSize)]),
    );
  }

  private update(outputs: StepOutputs, rows: RowGradients, step: AdamStep, keep: number): void {
    for (const [name, { weights, moments, decays }] of this.parameters) {
      this.updateTensor(weights, moments, outputs.gradient(name), step, decays ? keep : 1);
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
function rowsOf(name: string, { inputs, sizes }: BatchInputs): Float32Array | Int32Array {
  if (name === bertNames.wordEmbeddings) return inputs.get('input_ids')?.data ?? new Int32Array(0);
  if (name === bertNames.positionEmbeddings) return inputs.get('position_ids')?.data ?? new Int32Array(0);
  return new Int32Array(sizes.tokens);
}

function sumOfSquares(rows: RowGradients): number {
  let sum = 0;
  for (const gradients of rows.values()) {
    for (const gradient of gradients.values()) for (const value of gradient) sum += value * value;
  }
  return sum;
}
