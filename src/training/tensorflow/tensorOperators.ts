import * as tf from '@tensorflow/tfjs-core';
import type { HeadActivation } from '../../checkpoint/architectures.ts';
import type { HiddenActivation } from '../../checkpoint/bertConfig.ts';
import type { NetworkInput } from '../network/batchInputs.ts';
import type { DropoutMasks } from '../network/dropoutMasks.ts';
import type { DropoutSite, InputName, Operators, OutputName, Taped } from '../network/operators.ts';
import { activate } from './activate.ts';

type Tensor = tf.Tensor;

/** What one pass through a network reads. */
export interface PassOptions {
  readonly inputs: ReadonlyMap<InputName, NetworkInput>;
  /** Read as they are at the time of the pass. */
  readonly weights: ReadonlyMap<string, NetworkInput>;
  /** Share of values that dropout drops; 0 in a pass without a backward pass. */
  readonly dropout: number;
  readonly masks?: DropoutMasks;
  /** Whether gradients will be asked for. */
  readonly backward: boolean;
}

/**
 * Computes a network at once, in TensorFlow.js operators on whatever backend is set. It frees what it made: of a part of the
 * network what is not needed any more, and all that is left with `dispose`.
 */
export class TensorOperators implements Operators<Tensor> {
  readonly dropout: number;
  readonly outputs = new Map<OutputName, Tensor>();
  readonly gradients = new Map<string, Tensor>();
  private readonly given = new Map<string, Tensor>();
  /** Tensors that were made and not yet freed. */
  private readonly alive = new Set<Tensor>();
  /** Those of them that were made in the part that is computed now. */
  private made: Tensor[] = [];

  constructor(readonly options: PassOptions) {
    this.dropout = options.dropout;
  }

  dispose(): void {
    this.freeAllButGradients();
    tf.dispose([...this.gradients.values()]);
    this.gradients.clear();
  }

  freeAllButGradients(): void {
    tf.dispose([...this.alive, ...this.given.values()]);
    this.alive.clear();
    this.given.clear();
  }

  /** A gradient, which is freed. */
  takeGradient(weight: string): Float32Array {
    const tensor = this.gradients.get(weight) ?? missing(weight);
    const values = tensor.dataSync<'float32'>();
    tensor.dispose();
    this.gradients.delete(weight);
    return values;
  }

  input(name: InputName): Tensor {
    return this.giveOnce(name, this.options.inputs.get(name));
  }

  weight(name: string): Tensor {
    return this.giveOnce(name, this.options.weights.get(name));
  }

  embeddings(table: string, index?: InputName): Tensor {
    // Few rows of a large table: it does not become a tensor.
    const { data, dims } = this.options.weights.get(table) ?? missing(table);
    const rows = index === undefined ? [0] : (this.options.inputs.get(index)?.data ?? missing(index));
    const width = dims[1] ?? 0;
    const values = new Float32Array(rows.length * width);
    for (const [place, row] of rows.entries()) values.set(data.subarray(row * width, (row + 1) * width), place * width);
    return this.make(() => tf.tensor(values, [rows.length, width]));
  }

  mask(site: DropoutSite): Tensor {
    const { masks } = this.options;
    if (masks === undefined) throw new Error('no masks were given');
    const { data, dims } = masks.draw(site);
    return this.make(() => tf.tensor(data, [...dims]));
  }

  output(name: OutputName, value: Tensor): void {
    this.outputs.set(name, value);
  }

  matrixGradient(weight: string, g: Tensor, x: Tensor): void {
    this.gradients.set(
      weight,
      tf.tidy(() => tf.matMul(g, x, true, false)),
    );
  }

  vectorGradient(weight: string, g: Tensor): void {
    this.gradients.set(
      weight,
      tf.tidy(() => tf.sum(g, 0)),
    );
  }

  part(run: () => Taped<Tensor>): Taped<Tensor> {
    const [{ value, backward }, forward] = this.apart(run);
    if (!this.options.backward) this.freeAllBut(value, forward);
    return {
      value,
      backward: (gradient) => {
        const [result, passing] = this.apart(() => backward(gradient));
        this.freeAllBut(result, [...forward, ...passing]);
        return result;
      },
    };
  }

  add(a: Tensor, b: Tensor): Tensor {
    return this.make(() => tf.add(a, b));
  }

  subtract(a: Tensor, b: Tensor): Tensor {
    return this.make(() => tf.sub(a, b));
  }

  multiply(a: Tensor, b: Tensor): Tensor {
    return this.make(() => tf.mul(a, b));
  }

  scale(x: Tensor, factor: number): Tensor {
    return this.make(() => tf.mul(x, factor));
  }

  shift(x: Tensor, term: number): Tensor {
    return this.make(() => tf.add(x, term));
  }

  negate(x: Tensor): Tensor {
    return this.make(() => tf.neg(x));
  }

  exp(x: Tensor): Tensor {
    return this.make(() => tf.exp(x));
  }

  erf(x: Tensor): Tensor {
    return this.make(() => tf.erf(x));
  }

  tanh(x: Tensor): Tensor {
    return this.make(() => tf.tanh(x));
  }

  sign(x: Tensor): Tensor {
    return this.make(() => tf.sign(x));
  }

  activation(kind: HiddenActivation | HeadActivation, x: Tensor): Tensor {
    return this.make(() => activate(kind, x));
  }

  linear(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
    return this.make(() => tf.add(tf.matMul(x, weight, false, true), bias));
  }

  product(a: Tensor, b: Tensor, { transposeA = false, transposeB = false, factor = 1 } = {}): Tensor {
    return this.make(() => tf.matMul(factor === 1 ? a : tf.mul(a, factor), b, transposeA, transposeB));
  }

  normalize(x: Tensor, gain: Tensor, bias: Tensor, epsilon: number) {
    const mean = this.meanOfRow(x);
    const inverse = this.make(() => tf.rsqrt(tf.add(tf.mean(tf.square(tf.sub(x, mean)), -1, true), epsilon)));
    const value = this.make(() => tf.add(tf.mul(tf.mul(tf.sub(x, mean), inverse), gain), bias));
    return { value, mean, inverse };
  }

  softmax(x: Tensor): Tensor {
    return this.make(() => tf.softmax(x));
  }

  logSoftmax(x: Tensor): Tensor {
    return this.make(() => tf.logSoftmax(x));
  }

  totalOfRow(x: Tensor): Tensor {
    return this.make(() => tf.sum(x, -1, true));
  }

  meanOfRow(x: Tensor): Tensor {
    return this.make(() => tf.mean(x, -1, true));
  }

  total(x: Tensor): Tensor {
    return this.make(() => tf.sum(x));
  }

  rows(x: Tensor, index: Tensor): Tensor {
    return this.make(() => tf.gather(x, index as tf.Tensor1D));
  }

  addToRows(x: Tensor, index: Tensor, added: Tensor): Tensor {
    return this.make(() => tf.add(x, tf.scatterND(tf.expandDims(index, 1), added, x.shape)));
  }

  single(x: Tensor): Tensor {
    return this.make(() => tf.expandDims(x, 1));
  }

  toHeads(x: Tensor, headCount: number): Tensor {
    const [texts = 0, places = 0, width = 0] = x.shape;
    return this.make(() => tf.transpose(tf.reshape(x, [texts, places, headCount, width / headCount]), [0, 2, 1, 3]));
  }

  fromHeads(x: Tensor, width: number): Tensor {
    return this.make(() => tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [-1, width]));
  }

  private make(compute: () => Tensor): Tensor {
    const tensor = tf.tidy(compute);
    this.alive.add(tensor);
    this.made.push(tensor);
    return tensor;
  }

  private giveOnce(name: string, { data, dims }: NetworkInput = missing(name)): Tensor {
    let tensor = this.given.get(name);
    if (tensor === undefined) {
      tensor = tf.tensor(data, [...dims]);
      this.given.set(name, tensor);
    }
    return tensor;
  }

  /** Runs something and tells which tensors it made. */
  private apart<T>(run: () => T): [result: T, made: readonly Tensor[]] {
    const outer = this.made;
    const made: Tensor[] = [];
    this.made = made;
    try {
      return [run(), made];
    } finally {
      this.made = outer;
    }
  }

  private freeAllBut(kept: Tensor, tensors: readonly Tensor[]): void {
    for (const tensor of tensors) {
      if (tensor === kept) continue;
      tensor.dispose();
      this.alive.delete(tensor);
    }
  }
}

function missing(name: string): never {
  throw new Error(`nothing was given for ${name}`);
}
