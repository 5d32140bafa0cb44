import type { CheckpointFile } from '../checkpointFile.ts';
import { damagedFile, shownName } from '../checkpointRefusals.ts';
import { elementCount } from '../stridedTensor.ts';
import { elementBytes } from '../tensorElements.ts';
import type { TensorDataType } from '../tensorSource.ts';
import { MAX_STRING_BYTES, readStringEntry } from './onnxInitializersEntry.ts';
import { type ExternalData, parseExternalData } from './onnxInitializersExternal.ts';
import type { ByteRange, ProtobufFile } from './protobufFields.ts';

/** Fields of TensorProto. The elements are in one of the typed fields, in `rawData`, or in another file. */
const tensor = { dims: 1, dataType: 2, floatData: 4, name: 8, rawData: 9, externalData: 13, dataLocation: 14 } as const;
const EXTERNAL = 1n;

const MAX_DIMENSIONS = 32;
/** `TensorProto.DataType`, without strings, complex numbers and what is narrower than a byte. */
const dataTypes: Readonly<Record<number, TensorDataType>> = {
  1: 'F32',
  2: 'U8',
  3: 'I8',
  4: 'U16',
  5: 'I16',
  6: 'I32',
  7: 'I64',
  9: 'BOOL',
  10: 'F16',
  11: 'F64',
  12: 'U32',
  13: 'U64',
  16: 'BF16',
};

/**
 * Where the elements of an initializer lie: little-endian and row-major in the model or in a file beside it, or in a form that
 * only small constants have.
 */
export type OnnxData =
  | { readonly kind: 'inside'; readonly range: ByteRange }
  | { readonly kind: 'beside'; readonly external: ExternalData }
  | { readonly kind: 'other' };

/** A constant tensor of the graph. */
export interface OnnxInitializer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: TensorDataType;
  /** Length of all elements, as shape and type demand it. */
  readonly sizeBytes: number;
  readonly data: OnnxData;
}

/**
 * Reads a TensorProto without its data, and checks that the data has the length that the shape demands.
 * Source for the field numbers: onnx/onnx.proto.
 * @returns undefined for a tensor of a type that no weight has
 * @throws UserError BAD_CHECKPOINT
 */
export async function readInitializer(
  file: CheckpointFile,
  protobuf: ProtobufFile,
  range: ByteRange,
): Promise<OnnxInitializer | undefined> {
  const { name, dims, dataType, contents, external } = await readFields(file, protobuf, range);
  const dtype = dataTypes[dataType];
  if (dtype === undefined) return undefined;
  const shape = dims.map(Number);
  const sizeBytes = elementCount(shape) * elementBytes[dtype];
  const label = shownName(name);
  if (shape.some((size) => size < 0) || !Number.isSafeInteger(sizeBytes)) {
    throw damagedFile(file.name, `${label} has no valid shape`);
  }
  const complete = (data: OnnxData, length: number): OnnxInitializer => {
    if (length === sizeBytes) return { name, shape, dtype, sizeBytes, data };
    throw damagedFile(file.name, `${label} has ${length} bytes but its shape [${shape.join(', ')}] needs ${sizeBytes}`);
  };
  if (external !== undefined) {
    const data = parseExternalData(file.name, external);
    return complete({ kind: 'beside', external: data }, data.length ?? sizeBytes);
  }
  const [content, ...others] = contents;
  if (others.length > 0) throw damagedFile(file.name, `${label} has its data twice`);
  if (content === undefined) return complete({ kind: 'other' }, sizeBytes);
  return complete({ kind: 'inside', range: content }, content.end - content.begin);
}

async function readFields(file: CheckpointFile, protobuf: ProtobufFile, range: ByteRange) {
  let [name, dataType, isExternal] = ['', 0, false];
  const dims: bigint[] = [];
  const contents: ByteRange[] = [];
  const external = new Map<string, string>();
  for await (const { number, integer, content } of protobuf.fields(range)) {
    if (integer !== undefined) {
      if (number === tensor.dims) dims.push(integer);
      else if (number === tensor.dataType) dataType = Number(integer);
      else if (number === tensor.dataLocation) isExternal = integer === EXTERNAL;
    } else if (content !== undefined) {
      if (number === tensor.dims) dims.push(...(await protobuf.packedIntegers(content, MAX_DIMENSIONS)));
      else if (number === tensor.name) name = await protobuf.string(content, MAX_STRING_BYTES);
      else if (number === tensor.rawData || number === tensor.floatData) contents.push(content);
      else if (number === tensor.externalData) {
        const entry = await readStringEntry(protobuf, content, ['location', 'offset', 'length']);
        if (entry !== undefined) external.set(entry.key, entry.value);
      }
    }
    if (dims.length > MAX_DIMENSIONS)
      throw damagedFile(file.name, `a tensor has more than ${MAX_DIMENSIONS} dimensions`);
  }
  return { name, dims, dataType, contents, external: isExternal ? external : undefined };
}
