import type { BertConfig } from '../checkpoint/bertConfig.ts';
import { bertTensorShapes, linearGroups } from '../checkpoint/bertTensors.ts';
import type { BertWeights } from '../checkpoint/bertWeights.ts';
import { floatToHalf } from '../checkpoint/halfPrecision.ts';
import type { TensorLocation } from '../checkpoint/tensorSource.ts';
import type { TensorTable } from '../onnx/linearLayers.ts';
import type { OnnxTensor } from '../onnx/onnxModel.ts';
import { quantizePerChannel } from '../onnx/quantization.ts';
import { offsetsOf, quantizedNames } from '../onnx/quantizedLinears.ts';
import type { ExternalDataFile } from './externalDataFile.ts';

/** Called before each tensor; may throw to stop. `done` and `total` count weights. */
export type TensorStep = (done: number, total: number) => void;

/** A checkpoint whose tensors ONNX Runtime can use as they lie. */
export interface InPlaceTensors {
  /** Path of the file that holds all of them. */
  readonly file: string;
  /** The tensors as an ONNX model refers to them that has the file beside it, under the name `location`. */
  table(location: string): TensorTable;
}

/** The tensors where they lie in one file as float32; undefined if any of them has to be converted. */
export function tensorsInPlace({ source, sourceNames }: BertWeights): InPlaceTensors | undefined {
  const places: { name: string; dims: readonly number[]; place: TensorLocation }[] = [];
  for (const [name, sourceName] of sourceNames) {
    const place = source.location?.(sourceName);
    if (place === undefined || place.file !== (places[0]?.place ?? place).file) return undefined;
    places.push({ name, dims: source.shape(sourceName), place });
  }
  const [first] = places;
  if (first === undefined) return undefined;
  const table = (location: string) =>
    new Map(
      places.map(({ name, dims, place: { offset, length } }): [string, OnnxTensor] => [
        name,
        { name, dataType: 'float', dims, data: { location, offset, length } },
      ]),
    );
  return { file: first.place.file, table };
}

/** Writes tensors into the external data of a model, one at a time, and keeps the table of where they lie. */
export class DerivedTensors {
  readonly table = new Map<string, OnnxTensor>();
  private readonly shapes: ReadonlyMap<string, readonly number[]>;
  private readonly total: number;
  private done = 0;

  constructor(
    private readonly weights: BertWeights,
    private readonly config: BertConfig,
    private readonly file: ExternalDataFile,
    private readonly step: TensorStep,
  ) {
    this.shapes = bertTensorShapes(config);
    this.total = [...this.shapes.values()].reduce((sum, shape) => sum + elementCount(shape), 0);
  }

  /** Every tensor as float32. */
  async writeFullPrecision(): Promise<void> {
    for (const name of this.shapes.keys()) await this.put(name, 'float', this.shape(name), await this.read(name));
  }

  /**
   * The linear layers as int8 with a scale per output, the embedding tables in float16 where the checkpoint has them so,
   * the rest as float32.
   */
  async writeQuantized(): Promise<void> {
    const quantized = new Set<string>();
    for (const group of linearGroups(this.config)) {
      await this.putQuantized(group);
      for (const name of group) quantized.add(`${name}.weight`).add(`${name}.bias`);
    }
    for (const name of this.shapes.keys()) {
      if (quantized.has(name)) continue;
      const values = await this.read(name);
      if (this.isHalfTable(name)) await this.put(name, 'float16', this.shape(name), floatToHalf(values));
      else await this.put(name, 'float', this.shape(name), values);
    }
  }

  private isHalfTable(name: string): boolean {
    return name.includes('_embeddings.') && this.weights.source.dtype(this.sourceName(name)) === 'F16';
  }

  private async putQuantized(group: readonly string[]): Promise<void> {
    const [, inputs = 0] = this.shape(`${group[0]}.weight`);
    const weight = concatenate(await this.readAll(group, 'weight'));
    const bias = concatenate(await this.readAll(group, 'bias'));
    const quantized = quantizePerChannel(weight, bias.length, inputs);
    const offsets = offsetsOf(group, quantized, bias);
    const names = quantizedNames(group);
    await this.put(names.values, 'int8', [inputs, bias.length], quantized.values);
    await this.put(names.scales, 'float', [bias.length], quantized.scales);
    await this.put(names.offsets, 'float', offsets.dims, offsets.elements);
  }

  private async readAll(group: readonly string[], part: 'weight' | 'bias'): Promise<Float32Array[]> {
    const tensors: Float32Array[] = [];
    for (const name of group) tensors.push(await this.read(`${name}.${part}`));
    return tensors;
  }

  private async read(name: string): Promise<Float32Array> {
    this.step(this.done, this.total);
    const values = await this.weights.source.read(this.sourceName(name));
    this.done += values.length;
    return values;
  }

  private async put(
    name: string,
    dataType: OnnxTensor['dataType'],
    dims: readonly number[],
    elements: Float32Array | Uint16Array | Int8Array,
  ): Promise<void> {
    this.table.set(name, { name, dataType, dims, data: await this.file.append(elements) });
  }

  private shape(name: string): readonly number[] {
    return this.shapes.get(name) ?? [];
  }

  private sourceName(name: string): string {
    const found = this.weights.sourceNames.get(name);
    if (found === undefined) throw new Error(`${name} was not found in ${this.weights.source.fileName}`);
    return found;
  }
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
