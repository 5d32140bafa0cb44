import type { Operators, Taped } from './operators.ts';
import { bound, dropout } from './tapedOperations.ts';

/** Gradients of query, key and value. */
export type AttentionGradients<V> = readonly [query: V, key: V, value: V];

/**
 * Scaled dot-product attention of packed tokens with dropout of the probabilities P = softmax(Q Kᵀ / √D).
 * Backward, with dC the context's gradient: dV = Pᵀ dC, dP = dC Vᵀ, dS = P (dP - rowsum(dP P)), dQ = dS K / √D,
 * dK = dSᵀ Q / √D. Source: Vaswani et al. 2017
 *
 * @param queries whether every token asks, or each text's first one alone: `query` is then [B, H], and so is the result
 */
export function attention<V>(
  operators: Operators<V>,
  [query, key, value]: readonly [query: V, key: V, value: V],
  { hiddenSize, headCount }: { readonly hiddenSize: number; readonly headCount: number },
  { queries, name }: { readonly queries: 'all' | 'cls'; readonly name: string },
): Taped<V, AttentionGradients<V>> {
  const { add, subtract, multiply } = bound(operators);
  const each = queries === 'all';
  const factor = 1 / Math.sqrt(hiddenSize / headCount);
  const padIndex = operators.input('pad_index');
  const unpadIndex = operators.input('unpad_index');
  const heads = (x: V) => operators.toHeads(operators.rows(x, padIndex), headCount);
  const tokens = (x: V) => operators.rows(operators.fromHeads(x, hiddenSize), unpadIndex);
  // [B, N, queries, D] of a gradient or a query, and back; a text's only query is its row.
  const queryHeads = (x: V) => (each ? heads(x) : operators.toHeads(operators.single(x), headCount));
  const queryTokens = (x: V) => (each ? tokens(x) : operators.fromHeads(x, hiddenSize));

  const q = queryHeads(query);
  const k = heads(key);
  const v = heads(value);
  const scores = operators.product(q, k, { transposeB: true, factor });
  const probabilities = operators.softmax(add(scores, operators.input('key_mask')));
  const dropped = dropout(operators, probabilities, {
    name: `${name}.probabilities`,
    shape: each ? 'attention' : 'cls-attention',
    width: headCount,
  });
  return {
    value: queryTokens(operators.product(dropped.value, v)),
    backward: (gradient) => {
      const padded = queryHeads(gradient);
      // Places behind the end of a text repeat its first token, whose gradient must count once.
      const dContext = each ? multiply(padded, operators.input('token_mask')) : padded;
      const dValue = operators.product(dropped.value, dContext, { transposeA: true });
      const dProbabilities = dropped.backward(operators.product(dContext, v, { transposeB: true }));
      const weighted = multiply(dProbabilities, probabilities);
      const dScores = subtract(weighted, multiply(probabilities, operators.totalOfRow(weighted)));
      const dQuery = operators.product(dScores, k, { factor });
      const dKey = operators.product(dScores, q, { transposeA: true, factor });
      return [queryTokens(dQuery), tokens(dKey), tokens(dValue)];
    },
  };
}
