/** Element types of stored tensors, spelled as safetensors spells them. */
export type TensorDataType =
  | 'F64'
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'I64'
  | 'I32'
  | 'I16'
  | 'I8'
  | 'U64'
  | 'U32'
  | 'U16'
  | 'U8'
  | 'BOOL';

/** Where the elements of a float32, little-endian, row-major tensor lie; offset and length in bytes. */
export interface TensorLocation {
  /** Path of the file. */
  readonly file: string;
  /** A multiple of four. */
  readonly offset: number;
  readonly length: number;
}

/**
 * The named tensors of a checkpoint, whatever its file format. Tensors are read one at a time, when asked for.
 * Asking for a name that is not in `names()` is a mistake of the program: every method then throws a plain Error.
 */
export interface TensorSource {
  /** Base name of the file, for messages. */
  readonly fileName: string;
  /** Every tensor's name, as the file spells it. */
  names(): readonly string[];
  /** Sizes of the dimensions; empty for a scalar. */
  shape(name: string): readonly number[];
  /** The type in which the elements are stored. */
  dtype(name: string): TensorDataType;
  /** The elements as float32, row-major. Throws UserError BAD_CHECKPOINT for integers and for a file that was cut off. */
  read(name: string): Promise<Float32Array>;
  /** Where the elements lie, if ONNX Runtime can use them in place; undefined if they have to be converted. */
  location?(name: string): TensorLocation | undefined;
  /** Lets go of the file. */
  close(): Promise<void>;
}
