import { seededRandom } from '../core/seededRandom.ts';
import type { BertConfig } from './bertConfig.ts';
import { bertNames, bertTensorShapes, huggingFaceNames } from './bertTensors.ts';
import { findEncoderWeights } from './bertWeights.ts';
import { floatToHalf, halfToFloat } from './halfPrecision.ts';
import type { TensorDataType, TensorLocation, TensorSource } from './tensorSource.ts';

/** Standard deviation of fresh weights: `initializer_range` of every architecture in transformers. */
const INITIALIZER_RANGE = 0.02;

/** A tensor as it is in the checkpoint, or the values of a fresh one. */
type Origin = { readonly sourceName: string } | { readonly shape: readonly number[]; readonly values: Float32Array };

/** A checkpoint with every tensor of a sequence classifier. */
export interface CompleteCheckpoint {
  /**
   * The tensors of the architecture's class for sequence classification, under the names that `save_pretrained` gives them, in
   * the order of the forward pass, each stored as the checkpoint stores it. Read from the checkpoint when asked for; closing
   * this closes the checkpoint.
   */
  readonly tensors: TensorSource;
  /** Names of those that the checkpoint did not have. */
  readonly fresh: readonly string[];
}

/**
 * Gives a checkpoint the head that fine-tuning starts from where it has none: weights from a normal distribution with standard
 * deviation 0.02, biases of zero, as transformers does. The same seed gives the same head.
 * @param seed of which the lowest 32 bits count
 * @throws UserError BAD_CHECKPOINT for a missing tensor of the encoder or a tensor of another shape
 */
export function completeCheckpoint(source: TensorSource, config: BertConfig, seed: number): CompleteCheckpoint {
  const { sourceNames, missing } = findEncoderWeights(source, config);
  const shapes = bertTensorShapes(config);
  const isHalf = source.dtype(sourceNames.get(bertNames.wordEmbeddings) ?? '') === 'F16';
  const random = seededRandom(seed);
  const origins = new Map<string, Origin>();
  const fresh: string[] = [];
  for (const [name, own] of huggingFaceNames(config)) {
    const sourceName = sourceNames.get(name);
    if (sourceName !== undefined) origins.set(own, { sourceName });
    else {
      const shape = shapes.get(name) ?? [];
      origins.set(own, { shape, values: freshValues(shape, random.normal, isHalf) });
      fresh.push(own);
    }
  }
  if (fresh.length !== missing.length)
    throw new Error(`${fresh.length} fresh tensors for ${missing.length} missing ones`);
  return { tensors: new CompletedSource(source, origins, isHalf ? 'F16' : 'F32'), fresh };
}

/** A matrix of random weights, or a bias of zeros; rounded to what half precision can hold where it is stored so. */
function freshValues(shape: readonly number[], normal: () => number, isHalf: boolean): Float32Array {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  if (shape.length === 2) {
    for (let index = 0; index < values.length; index++) values[index] = INITIALIZER_RANGE * normal();
  }
  return isHalf ? halfToFloat(floatToHalf(values)) : values;
}

class CompletedSource implements TensorSource {
  constructor(
    private readonly source: TensorSource,
    private readonly origins: ReadonlyMap<string, Origin>,
    private readonly freshType: TensorDataType,
  ) {}

  get fileName(): string {
    return this.source.fileName;
  }

  names(): readonly string[] {
    return [...this.origins.keys()];
  }

  shape(name: string): readonly number[] {
    const origin = this.origin(name);
    return 'values' in origin ? origin.shape : this.source.shape(origin.sourceName);
  }

  dtype(name: string): TensorDataType {
    const origin = this.origin(name);
    return 'values' in origin ? this.freshType : this.source.dtype(origin.sourceName);
  }

  async read(name: string): Promise<Float32Array> {
    const origin = this.origin(name);
    return 'values' in origin ? origin.values.slice() : this.source.read(origin.sourceName);
  }

  location(name: string): TensorLocation | undefined {
    const origin = this.origin(name);
    return 'values' in origin ? undefined : this.source.location?.(origin.sourceName);
  }

  async close(): Promise<void> {
    await this.source.close();
  }

  private origin(name: string): Origin {
    const origin = this.origins.get(name);
    if (origin === undefined) throw new Error(`${this.fileName} has no tensor ${name}, nor was it made`);
    return origin;
  }
}
