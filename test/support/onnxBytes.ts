import { ProtobufWriter } from '../../src/onnx/protobufWriter.ts';

const FLOAT = 1;

/** An initializer to write, however wrong; `dataType` as onnx.proto numbers it, float if there is none. */
export interface TestTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType?: number;
  /** `raw_data` */
  readonly raw?: Uint8Array;
  /** `float_data` */
  readonly floats?: Uint8Array;
  /** `external_data` */
  readonly external?: Readonly<Record<string, string>>;
}

/** A node to write. */
export interface TestNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly name?: string;
  readonly domain?: string;
  readonly transB?: number;
  readonly perm?: readonly number[];
  /** The path of the module, as torch's exporter of today notes it. */
  readonly module?: string;
}

/** Little-endian float32. */
export function floatBytes(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

/** The bytes of an ONNX model. */
export function onnxBytes(tensors: readonly TestTensor[], nodes: readonly TestNode[] = []): Uint8Array {
  const graph = new ProtobufWriter();
  for (const node of nodes) graph.message(1, nodeMessage(node));
  for (const tensor of tensors) graph.message(5, tensorMessage(tensor));
  return new ProtobufWriter().integer(1, 8).string(2, 'pytorch').message(7, graph).finish();
}

function tensorMessage({ name, dims, dataType = FLOAT, raw, floats, external }: TestTensor): ProtobufWriter {
  const message = new ProtobufWriter();
  for (const size of dims) message.integer(1, size);
  message.integer(2, dataType).string(8, name);
  if (floats) message.bytes(4, floats);
  if (raw) message.bytes(9, raw);
  if (external === undefined) return message;
  for (const [key, value] of Object.entries(external)) message.message(13, entryMessage(key, value));
  return message.integer(14, 1);
}

function nodeMessage(node: TestNode): ProtobufWriter {
  const message = new ProtobufWriter();
  for (const input of node.inputs) message.string(1, input);
  message
    .string(2, node.output)
    .string(3, node.name ?? node.output)
    .string(4, node.operator);
  if (node.transB !== undefined) {
    message.message(5, new ProtobufWriter().string(1, 'transB').integer(3, node.transB).integer(20, 2));
  }
  if (node.perm) {
    const perm = new ProtobufWriter().string(1, 'perm');
    for (const axis of node.perm) perm.integer(8, axis);
    message.message(5, perm.integer(20, 7));
  }
  message.string(7, node.domain ?? '');
  if (node.module === undefined) return message;
  const [scopes, trace] = ['pkg.torch.onnx.name_scopes', 'pkg.torch.onnx.stack_trace'];
  message.message(9, entryMessage(trace, 'File "model.py", line 1\n'.repeat(1000)));
  return message.message(9, entryMessage(scopes, `['', '${node.module}', 'linear_3']`));
}

function entryMessage(key: string, value: string): ProtobufWriter {
  return new ProtobufWriter().string(1, key).string(2, value);
}
