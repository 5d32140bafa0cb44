/** Element types a graph of ours uses, with their numbers in `TensorProto.DataType`. Source: onnx/onnx.proto. */
export const onnxDataTypes = {
  float: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
} as const;

/** The name of an element type. */
export type OnnxDataType = keyof typeof onnxDataTypes;

/** Where a tensor lies in a file beside the model file; offset and length in bytes, little-endian, row-major. */
export interface ExternalData {
  /** Path relative to the folder of the model file; ONNX Runtime refuses one that leaves it. */
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** A constant of the graph. `dims` is empty for a scalar. */
export interface OnnxTensor {
  readonly name: string;
  readonly dataType: OnnxDataType;
  readonly dims: readonly number[];
  /** The elements, little-endian and row-major, inside the model file, or where they lie outside of it. */
  readonly data: Uint8Array | ExternalData;
}

/** One attribute of a node, named by its kind because ONNX tells 1 and 1.0 apart. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly tensor: OnnxTensor };

/** One operator. An input named `''` is an optional input left out. */
export interface OnnxNode {
  readonly operator: string;
  /** `''` for ai.onnx, otherwise for example `com.microsoft`. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** An input or output of the graph; a dimension named by a string is known only at run time. */
export interface OnnxValueInfo {
  readonly name: string;
  readonly dataType: OnnxDataType;
  readonly shape: readonly (number | string)[];
}

/** A whole model. The nodes are in an order in which every input is made before it is used. */
export interface OnnxModel {
  readonly name: string;
  /** Version of the operator set of each domain in use. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly initializers: readonly OnnxTensor[];
  readonly nodes: readonly OnnxNode[];
}
