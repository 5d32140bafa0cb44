import type { BertConfig } from '../../checkpoint/bertConfig.ts';
import { packInputs } from '../../inference/packing.ts';
import type { EncodedBatch, TrainingBatch } from '../trainingEngine.ts';
import type { BatchSizes } from './dropoutMasks.ts';
import type { InputName } from './operators.ts';

/** Added to the scores of places behind the end of a text: their probability is exactly 0. */
const MASKED = -3e38;

/** What an input of a network holds. */
export interface NetworkInput {
  readonly data: Float32Array | Int32Array;
  readonly dims: readonly number[];
}

/** A batch as a network takes it; a network reads what it needs of it. */
export interface BatchInputs {
  readonly sizes: BatchSizes;
  readonly inputs: ReadonlyMap<InputName, NetworkInput>;
}

/** Lays out the texts of a batch; of a training batch also what the loss is made of. */
export function batchInputs(
  batch: EncodedBatch | TrainingBatch,
  { hiddenSize, positionOffset, labels }: Pick<BertConfig, 'hiddenSize' | 'positionOffset' | 'labels'>,
): BatchInputs {
  const packed = packInputs(batch.sequences);
  const [texts, longest, tokens] = [packed.lengths.length, packed.maxLength, packed.inputIds.length];
  const keyMask = new Float32Array(texts * longest);
  const tokenMask = new Float32Array(texts * longest);
  for (const [row, length] of packed.lengths.entries()) {
    const start = row * longest;
    tokenMask.fill(1, start, start + length);
    keyMask.fill(MASKED, start + length, start + longest);
  }
  const inputs = new Map<InputName, NetworkInput>([
    ['input_ids', { data: packed.inputIds, dims: [tokens] }],
    ['position_ids', { data: packed.positionIds.map((position) => position + positionOffset), dims: [tokens] }],
    ['pad_index', { data: packed.padIndex, dims: [texts, longest] }],
    ['unpad_index', { data: packed.unpadIndex, dims: [tokens] }],
    ['cls_index', { data: packed.clsIndex, dims: [texts] }],
    ['key_mask', { data: keyMask, dims: [texts, 1, 1, longest] }],
    ['token_mask', { data: tokenMask, dims: [texts, 1, longest, 1] }],
  ]);
  const { frozen } = batch;
  if (frozen !== undefined) inputs.set('frozen', { data: frozen, dims: [frozen.length / hiddenSize, hiddenSize] });
  if ('labels' in batch) {
    inputs.set('targets', { data: targets(batch, labels.length), dims: [texts, labels.length] });
    inputs.set('shares', { data: batch.shares, dims: [texts, 1] });
  }
  return { sizes: { texts, tokens, longest }, inputs };
}

function targets({ labels, shares }: TrainingBatch, labelCount: number): Float32Array {
  const values = new Float32Array(labels.length * labelCount);
  for (const [row, label] of labels.entries()) values[row * labelCount + label] = shares[row] ?? 0;
  return values;
}
