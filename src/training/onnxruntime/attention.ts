import type { Value } from '../../onnx/graphBuilder.ts';
import type { TapedGraph } from './tapedGraph.ts';

/** Sizes of the heads and the inputs that lead from packed tokens to a padded batch and back. */
export interface AttentionInputs {
  readonly headCount: number;
  readonly hiddenSize: number;
  /** [B, S] int32: the token at each place of the padded batch. */
  readonly padIndex: Value;
  /** [T] int32: the place of each token in [B * S]. */
  readonly unpadIndex: Value;
  /** [B, 1, 1, S] float: 0 at a token, a very low number behind the end of a text. */
  readonly keyMask: Value;
  /** [B, 1, S, 1] float: 1 at a token, 0 behind the end of a text. */
  readonly tokenMask: Value;
}

/** Gradients of query, key and value. */
export type AttentionGradients = readonly [query: Value, key: Value, value: Value];

/**
 * Scaled dot-product attention of packed tokens with dropout of the probabilities P = softmax(Q Kᵀ / √D).
 * Backward, with dC the context's gradient: dV = Pᵀ dC, dP = dC Vᵀ, dS = P (dP - rowsum(dP P)), dQ = dS K / √D,
 * dK = dSᵀ Q / √D. Source: Vaswani et al. 2017
 *
 * @param queries whether every token asks, or each text's first one alone: `query` is then [B, H], and so is the result
 */
export function attention(
  tape: TapedGraph,
  [query, key, value]: readonly [Value, Value, Value],
  inputs: AttentionInputs,
  { queries, name }: { readonly queries: 'all' | 'cls'; readonly name: string },
): { readonly value: Value; backward(gradient: Value): AttentionGradients } {
  const { graph } = tape;
  const { headCount, hiddenSize, padIndex, unpadIndex, keyMask, tokenMask } = inputs;
  const headSize = hiddenSize / headCount;
  const scale = { alpha: { float: 1 / Math.sqrt(headSize) } };
  const pad = (x: Value) => graph.node('Gather', [x, padIndex], { axis: { int: 0 } });
  const unpad = (x: Value) => graph.node('Gather', [x, unpadIndex], { axis: { int: 0 } });
  const toHeads = (x: Value) =>
    graph.node('Transpose', [graph.node('Reshape', [x, graph.int64([0, 0, headCount, headSize])])], {
      perm: { ints: [0, 2, 1, 3] },
    });
  const fromHeads = (x: Value) =>
    graph.node('Reshape', [
      graph.node('Transpose', [x], { perm: { ints: [0, 2, 1, 3] } }),
      graph.int64([-1, hiddenSize]),
    ]);
  const each = queries === 'all';
  // [B, queries, N, D] to [B, N, queries, D]; a text's only query is its row.
  const padQueries = (x: Value) => (each ? pad(x) : graph.node('Unsqueeze', [x, graph.int64([1])]));
  const unpadQueries = (x: Value) => (each ? unpad(x) : x);

  const q = toHeads(padQueries(query));
  const k = toHeads(pad(key));
  const v = toHeads(pad(value));
  const scores = graph.microsoft('FusedMatMul', [q, k], { transB: { int: 1 }, ...scale });
  const probabilities = graph.node('Softmax', [graph.node('Add', [scores, keyMask])], { axis: { int: -1 } });
  const dropped = tape.dropout(probabilities, {
    name: `${name}.probabilities`,
    shape: each ? 'attention' : 'cls-attention',
    width: headCount,
  });
  const context = unpadQueries(fromHeads(graph.node('MatMul', [dropped.value, v])));
  return {
    value: context,
    backward: (gradient) => {
      const padded = toHeads(padQueries(gradient));
      // Places behind the end of a text repeat its first token, whose gradient must count once.
      const dContext = each ? graph.node('Mul', [padded, tokenMask]) : padded;
      const dValue = graph.microsoft('FusedMatMul', [dropped.value, dContext], { transA: { int: 1 } });
      const dProbabilities = dropped.backward(graph.microsoft('FusedMatMul', [dContext, v], { transB: { int: 1 } }));
      const weighted = graph.node('Mul', [dProbabilities, probabilities]);
      const total = graph.node('ReduceSum', [weighted, graph.int64([-1])], { keepdims: { int: 1 } });
      const dScores = graph.node('Sub', [weighted, graph.node('Mul', [probabilities, total])]);
      const dQuery = graph.microsoft('FusedMatMul', [dScores, k], scale);
      const dKey = graph.microsoft('FusedMatMul', [dScores, q], { transA: { int: 1 }, ...scale });
      return [unpadQueries(fromHeads(dQuery)), unpad(fromHeads(dKey)), unpad(fromHeads(dValue))];
    },
  };
}
