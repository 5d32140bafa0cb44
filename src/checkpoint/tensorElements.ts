import { UserError } from '../core/userError.ts';
import { bfloat16ToFloat, halfToFloat } from './halfPrecision.ts';
import type { TensorDataType } from './tensorSource.ts';

/** Bytes of one element. */
export const elementBytes: Readonly<Record<TensorDataType, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
};

/** Whether elements of that type are floating-point numbers, so that they can be weights. */
export function isFloatingPoint(dtype: TensorDataType): boolean {
  return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16' || dtype === 'F64';
}

/** Turns the bytes of each element round, in place: big-endian becomes little-endian. */
export function swapByteOrder(bytes: Uint8Array<ArrayBuffer>, dtype: TensorDataType): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (elementBytes[dtype] === 8) buffer.swap64();
  else if (elementBytes[dtype] === 4) buffer.swap32();
  else if (elementBytes[dtype] === 2) buffer.swap16();
}

/** Floating-point elements, little-endian and from the start of their buffer, as float32; float32 is not copied. */
export function toFloat32(bytes: Uint8Array<ArrayBuffer>, dtype: TensorDataType): Float32Array {
  switch (dtype) {
    case 'F32':
      return new Float32Array(bytes.buffer);
    case 'F16':
      return halfToFloat(new Uint16Array(bytes.buffer));
    case 'BF16':
      return bfloat16ToFloat(new Uint16Array(bytes.buffer));
    case 'F64':
      return Float32Array.from(new Float64Array(bytes.buffer));
    default:
      throw new Error(`${bytes.length} bytes of ${dtype} are not floating-point numbers`);
  }
}

/** That the tensor `name` cannot be a weight, for its type. */
export function notFloatingPoint(fileName: string, name: string, dtype: TensorDataType): UserError {
  return new UserError(
    'BAD_CHECKPOINT',
    `${fileName} stores ${name} as ${dtype}, not as floating-point numbers: save the model in F32, F16 or BF16.`,
  );
}
