import type { HeadActivation } from '../../checkpoint/architectures.ts';
import type { HiddenActivation } from '../../checkpoint/bertConfig.ts';

/** A value of the forward pass, and its backward pass: the gradient of its input from its own. */
export interface Taped<V, Gradients = V> {
  readonly value: V;
  /** To be called once, after everything that depends on `value` has gone backward. */
  backward(gradient: V): Gradients;
}

/** Where a mask of dropout is applied, and the sizes that its shape is made of; a mask holds 0 or 1 / (1 - p). */
export interface DropoutSite {
  readonly name: string;
  readonly shape: 'tokens' | 'texts' | 'attention' | 'cls-attention';
  /** Of a row. */
  readonly width: number;
}

/** Inputs of a network beside weights and masks: T tokens of B texts stand one after the other; S is the longest of them. */
export const inputTypes = {
  /** [T]: the row of each token in the table of words. */
  input_ids: { type: 'int32', dims: ['T'] },
  /** [T]: its row in the table of positions. */
  position_ids: { type: 'int32', dims: ['T'] },
  /** [B, S]: the token at each place of the padded batch. */
  pad_index: { type: 'int32', dims: ['B', 'S'] },
  /** [T]: the place of each token in [B * S]. */
  unpad_index: { type: 'int32', dims: ['T'] },
  /** [B]: the first token of each text. */
  cls_index: { type: 'int32', dims: ['B'] },
  /** 0 at a token, a very low number behind the end of a text. */
  key_mask: { type: 'float', dims: ['B', 1, 1, 'S'] },
  /** 1 at a token, 0 behind the end of a text. */
  token_mask: { type: 'float', dims: ['B', 1, 'S', 1] },
  /** What the frozen part makes of the texts: see `EncodedBatch`. */
  frozen: { type: 'float', dims: ['rows', 'H'] },
  /** A text's share in the loss at its class. */
  targets: { type: 'float', dims: ['B', 'labels'] },
  shares: { type: 'float', dims: ['B', 1] },
} as const;

export type InputName = keyof typeof inputTypes;
export type OutputName = 'logits' | 'loss' | 'hidden' | 'embeddingGradient';

/**
 * What a network is written in: operations on values of a kind V. Where V is the name of a value they add nodes to a graph;
 * where it is a tensor they compute at once. Binary operations broadcast as in NumPy.
 */
export interface Operators<V> {
  /** Share of values that dropout drops; at 0 there are no masks. */
  readonly dropout: number;
  input(name: InputName): V;
  /** A weight, by its name in `bertTensorShapes`. */
  weight(name: string): V;
  /** Rows of a table of embeddings, of which the input names one a token; without it the first row, [1, width]. */
  embeddings(table: string, index?: InputName): V;
  mask(site: DropoutSite): V;
  output(name: OutputName, value: V): void;
  /** gᵀ x of [rows, outputs] and [rows, inputs] is the gradient of the matrix `weight`. */
  matrixGradient(weight: string, g: V, x: V): void;
  /** The sum of the rows of g is the gradient of the vector `weight`. */
  vectorGradient(weight: string, g: V): void;
  /** Does a part of the network, whose values may be forgotten but for the part's own and, until it went backward, what it needs. */
  part(run: () => Taped<V>): Taped<V>;

  add(a: V, b: V): V;
  subtract(a: V, b: V): V;
  multiply(a: V, b: V): V;
  /** factor x. */
  scale(x: V, factor: number): V;
  /** x + term. */
  shift(x: V, term: number): V;
  negate(x: V): V;
  exp(x: V): V;
  erf(x: V): V;
  tanh(x: V): V;
  sign(x: V): V;
  activation(kind: HiddenActivation | HeadActivation, x: V): V;

  /** x Wᵀ + b of [rows, inputs], [outputs, inputs] and [outputs]. */
  linear(x: V, weight: V, bias: V): V;
  /** factor a b over the last two axes, a or b transposed first. */
  product(a: V, b: V, options?: { transposeA?: boolean; transposeB?: boolean; factor?: number }): V;
  /** Layer normalization over the last axis; mean and 1 / σ of each row are [rows, 1]. */
  normalize(x: V, gain: V, bias: V, epsilon: number): { readonly value: V; readonly mean: V; readonly inverse: V };
  /** Over the last axis. */
  softmax(x: V): V;
  /** Over the last axis. */
  logSoftmax(x: V): V;
  /** Over the last axis, which becomes 1. */
  totalOfRow(x: V): V;
  /** Over the last axis, which becomes 1. */
  meanOfRow(x: V): V;
  /** Of all elements, a scalar. */
  total(x: V): V;

  /** Rows of x along its first axis, in the shape of the index. */
  rows(x: V, index: V): V;
  /** x [rows, width] with `added` [B, width] added to those rows that `index` [B] names, each once. */
  addToRows(x: V, index: V, added: V): V;
  /** [B, width] to [B, 1, width]. */
  single(x: V): V;
  /** [B, S, N * D] to [B, N, S, D]. */
  toHeads(x: V, headCount: number): V;
  /** [B, N, S, D] to [B * S, width], N * D. */
  fromHeads(x: V, width: number): V;
}
