import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type BertConfig, parseBertConfig } from '../../src/checkpoint/bertConfig.ts';
import { bertTensorShapes } from '../../src/checkpoint/bertTensors.ts';
import { findClassifierWeights } from '../../src/checkpoint/bertWeights.ts';
import { openCheckpoint } from '../../src/checkpoint/openCheckpoint.ts';
import { seededRandom } from '../../src/core/seededRandom.ts';
import type { SessionOptions, TrainingEngine, TrainingSession } from '../../src/training/trainingEngine.ts';

const plain = { scope: 'full', optimizer: { optimizer: 'adam', weightDecay: 0 }, dropout: 0, threads: 2 } as const;

/** A session on the weights of a checkpoint. */
export async function sessionOf(
  engine: TrainingEngine,
  directory: string,
  options: Partial<SessionOptions> = {},
): Promise<TrainingSession> {
  const config = parseBertConfig(readFileSync(path.join(directory, 'config.json'), 'utf8'));
  const source = await openCheckpoint(directory);
  const { sourceNames } = findClassifierWeights(source, config);
  const read = (name: string) => source.read(sourceNames.get(name) ?? '');
  const session = await engine.open({ config, readWeights: read, ...plain, ...options });
  await source.close();
  return session;
}

/** A session on random weights that make every part of the network count. */
export function randomSession(
  engine: TrainingEngine,
  config: BertConfig,
  options: Partial<SessionOptions> = {},
): Promise<TrainingSession> {
  const shapes = bertTensorShapes(config);
  const readWeights = async (name: string) => {
    const { normal } = seededRandom(name.length * 7919 + (name.codePointAt(name.length - 9) ?? 0));
    const size = (shapes.get(name) ?? []).reduce((product, each) => product * each, 1);
    const mean = /[nN]orm\.weight$/.test(name) ? 1 : 0;
    return Float32Array.from({ length: size }, () => mean + 0.3 * normal());
  };
  return engine.open({ config, readWeights, ...plain, ...options });
}
