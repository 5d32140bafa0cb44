// Trains a small model while signals come in; tells how many were handled. Arguments: the bundle, the folder of TensorFlow.
const [bundle, directory] = process.argv.slice(2);
const { openTensorFlowEngine } = require(bundle);

const config = {
  ...{ architecture: 'bert', embeddingSize: 64, hiddenSize: 64, layerCount: 2, headCount: 4, intermediateSize: 256 },
  ...{ maxPositions: 128, positionOffset: 0, vocabSize: 2_000, typeVocabSize: 2, layerNormEps: 1e-12 },
  ...{ hiddenAct: 'gelu', headActivation: 'tanh', isTextClassifier: true, labels: ['a', 'b', 'c'] },
};
const batch = {
  sequences: Array.from({ length: 8 }, (_, text) => Int32Array.from({ length: 20 + text * 9 }, (_, at) => text + at)),
  labels: Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1),
  shares: new Float32Array(8).fill(1 / 8),
};

function sizeOf(name) {
  const { embeddingSize, hiddenSize, intermediateSize, maxPositions, vocabSize, typeVocabSize, labels } = config;
  if (name.includes('word_embeddings')) return vocabSize * embeddingSize;
  if (name.includes('position_embeddings')) return maxPositions * embeddingSize;
  if (name.includes('token_type_embeddings')) return typeVocabSize * embeddingSize;
  const isBias = name.endsWith('.bias');
  if (name.startsWith('classifier')) return isBias ? labels.length : labels.length * hiddenSize;
  if (name.includes('intermediate')) return isBias ? intermediateSize : intermediateSize * hiddenSize;
  if (isBias || /norm/i.test(name)) return hiddenSize;
  return /layer\.\d+\.output\.dense/.test(name) ? hiddenSize * intermediateSize : hiddenSize * hiddenSize;
}

async function main() {
  let handled = 0;
  process.on('SIGUSR2', () => {
    handled++;
  });
  const engine = await openTensorFlowEngine({ directory, threads: 2 });
  const session = await engine.open({
    ...{ config, scope: 'full', dropout: 0.1, threads: 2, optimizer: { optimizer: 'adam', weightDecay: 0 } },
    readWeights: async (name) => Float32Array.from({ length: sizeOf(name) }, (_, at) => Math.sin(at)),
  });
  console.log('ready');
  for (let step = 0; step < 150; step++) {
    await session.step(batch, { learningRate: 1e-3, dropoutSeed: step });
    await new Promise((resolve) => setImmediate(resolve));
  }
  console.log(`handled ${handled}`);
  process.exit(0);
}

void main();
