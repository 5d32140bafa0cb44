import type { Tensor } from 'onnxruntime-node';
import type { BertConfig } from '../../checkpoint/bertConfig.ts';
import type { OnnxRuntime } from '../../inference/onnxRuntime.ts';
import { packInputs } from '../../inference/packing.ts';
import type { EncodedBatch, TrainingBatch } from '../trainingEngine.ts';
import type { BatchSizes } from './dropoutMasks.ts';

/** Added to the scores of places behind the end of a text: their probability is exactly 0. */
const MASKED = -3e38;

/** A batch as the graph of `buildTrainingGraph` takes it. */
export interface BatchFeeds {
  /** [T]: the row of each token in the table of words. */
  readonly wordRows: Int32Array;
  /** [T]: its row in the table of positions. */
  readonly positionRows: Int32Array;
  readonly sizes: BatchSizes;
  /** Every input of the graph that follows from the texts, by name; a graph takes those that it declares. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** Lays out the texts of a batch. */
export function batchFeeds(
  { Tensor }: OnnxRuntime,
  batch: EncodedBatch,
  { hiddenSize, positionOffset }: Pick<BertConfig, 'hiddenSize' | 'positionOffset'>,
): BatchFeeds {
  const packed = packInputs(batch.sequences);
  const [texts, longest, tokens] = [packed.lengths.length, packed.maxLength, packed.inputIds.length];
  const positionRows = packed.positionIds.map((position) => position + positionOffset);
  const keyMask = new Float32Array(texts * longest);
  const tokenMask = new Float32Array(texts * longest);
  for (const [row, length] of packed.lengths.entries()) {
    const start = row * longest;
    tokenMask.fill(1, start, start + length);
    keyMask.fill(MASKED, start + length, start + longest);
  }
  const ids = (data: Int32Array) => new Tensor('int32', data, [data.length]);
  const tensors = new Map<string, Tensor>([
    ['input_ids', ids(packed.inputIds)],
    ['position_ids', ids(positionRows)],
    ['pad_index', new Tensor('int32', packed.padIndex, [texts, longest])],
    ['unpad_index', ids(packed.unpadIndex)],
    ['cls_index', ids(packed.clsIndex)],
    ['key_mask', new Tensor('float32', keyMask, [texts, 1, 1, longest])],
    ['token_mask', new Tensor('float32', tokenMask, [texts, 1, longest, 1])],
  ]);
  if (batch.frozen !== undefined) {
    tensors.set('frozen', new Tensor('float32', batch.frozen, [batch.frozen.length / hiddenSize, hiddenSize]));
  }
  return { wordRows: packed.inputIds, positionRows, sizes: { texts, tokens, longest }, tensors };
}

/** The inputs of the loss: `targets` [B, labels] and `shares` [B, 1]. */
export function targetFeeds(
  { Tensor }: OnnxRuntime,
  { labels, shares }: Pick<TrainingBatch, 'labels' | 'shares'>,
  labelCount: number,
): ReadonlyMap<string, Tensor> {
  const targets = new Float32Array(labels.length * labelCount);
  for (const [row, label] of labels.entries()) targets[row * labelCount + label] = shares[row] ?? 0;
  return new Map([
    ['targets', new Tensor('float32', targets, [labels.length, labelCount])],
    ['shares', new Tensor('float32', shares, [shares.length, 1])],
  ]);
}
