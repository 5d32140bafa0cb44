import type { BertConfig } from '../../src/checkpoint/bertConfig.ts';
import { bertNames, encoderLayerNames } from '../../src/checkpoint/bertTensors.ts';
import { erf } from './erf.ts';

type Rows = number[][];

/** Reads a weight by its canonical name, row-major. */
export type ReadWeight = (name: string) => Float32Array;

/** A sequence classifier of BERT's kind in float64, one text, straight from the paper: slow and plain, to compare with. */
export function referenceLogits(config: BertConfig, weight: ReadWeight, inputIds: readonly number[]): number[] {
  const { embeddingSize } = config;
  const row = (name: string, index: number) =>
    Array.from(weight(name).subarray(index * embeddingSize, (index + 1) * embeddingSize));
  const sum = (a: number[], b: number[]) => a.map((value, index) => value + (b[index] ?? Number.NaN));
  const linear = (rows: Rows, name: string): Rows => {
    const [w, bias] = [weight(`${name}.weight`), weight(`${name}.bias`)];
    return rows.map((x) =>
      Array.from(bias, (b, output) =>
        x.reduce((y, v, input) => y + v * (w[output * x.length + input] ?? Number.NaN), b),
      ),
    );
  };
  const norm = (rows: Rows, name: string): Rows =>
    rows.map((x) => {
      const mean = x.reduce((a, b) => a + b) / x.length;
      const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length;
      const [gamma, beta] = [weight(`${name}.weight`), weight(`${name}.bias`)];
      return x.map(
        (v, i) =>
          ((v - mean) / Math.sqrt(variance + config.layerNormEps)) * (gamma[i] ?? Number.NaN) + (beta[i] ?? Number.NaN),
      );
    });

  const embeddings = inputIds.map((id, position) => {
    const known = sum(
      row(bertNames.wordEmbeddings, id),
      row(bertNames.positionEmbeddings, config.positionOffset + position),
    );
    return config.typeVocabSize === 0 ? known : sum(known, row(bertNames.tokenTypeEmbeddings, 0));
  });
  let hidden = norm(embeddings, bertNames.embeddingNorm);
  if (embeddingSize !== config.hiddenSize) hidden = linear(hidden, bertNames.embeddingProjection);
  for (let layer = 0; layer < config.layerCount; layer++) {
    const names = encoderLayerNames(layer);
    const context = attention(
      linear(hidden, names.query),
      linear(hidden, names.key),
      linear(hidden, names.value),
      config,
    );
    const attended = linear(context, names.attentionOutput).map((x, i) => sum(x, hidden[i] ?? []));
    const residual = norm(attended, names.attentionNorm);
    const intermediate = linear(residual, names.intermediate).map((x) =>
      x.map((v) => referenceActivation(config.hiddenAct, v)),
    );
    const output = linear(intermediate, names.output).map((x, i) => sum(x, residual[i] ?? []));
    hidden = norm(output, names.outputNorm);
  }
  const pooled = linear(hidden.slice(0, 1), bertNames.pooler).map((x) =>
    x.map((v) => referenceActivation(config.headActivation, v)),
  );
  return linear(pooled, bertNames.classifier)[0] ?? [];
}

/** The activation functions by their definitions. */
export function referenceActivation(
  activation: BertConfig['hiddenAct'] | BertConfig['headActivation'],
  x: number,
): number {
  switch (activation) {
    case 'gelu':
      return (x / 2) * (1 + erf(x / Math.SQRT2));
    case 'gelu_new':
      return (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
    case 'relu':
      return Math.max(0, x);
    case 'tanh':
      return Math.tanh(x);
  }
}

function attention(query: Rows, key: Rows, value: Rows, { headCount, hiddenSize }: BertConfig): Rows {
  const size = hiddenSize / headCount;
  return query.map((q) => {
    const context = new Array<number>(hiddenSize).fill(0);
    for (let start = 0; start < hiddenSize; start += size) {
      const scores = key.map((k) => {
        let score = 0;
        for (let i = start; i < start + size; i++) score += (q[i] ?? Number.NaN) * (k[i] ?? Number.NaN);
        return Math.exp(score / Math.sqrt(size));
      });
      const total = scores.reduce((a, b) => a + b);
      for (const [token, v] of value.entries()) {
        for (let i = start; i < start + size; i++) {
          context[i] = (context[i] ?? Number.NaN) + ((scores[token] ?? Number.NaN) / total) * (v[i] ?? Number.NaN);
        }
      }
    }
    return context;
  });
}
