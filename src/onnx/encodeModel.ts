import {
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
  onnxDataTypes,
} from './onnxModel.ts';
import { ProtobufWriter } from './protobufWriter.ts';

/** IR version 8 is the one that came with operator set 17; every runtime since 2022 reads it. */
const IR_VERSION = 8;
const EXTERNAL = 1;

/** `AttributeProto.AttributeType` */
const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const;

/** Encodes a model as the bytes of an .onnx file. Source for the field numbers: onnx/onnx.proto. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const graph = new ProtobufWriter();
  for (const node of model.nodes) graph.message(1, encodeNode(node));
  graph.string(2, model.name);
  for (const tensor of model.initializers) graph.message(5, encodeTensor(tensor));
  for (const input of model.inputs) graph.message(11, encodeValueInfo(input));
  for (const output of model.outputs) graph.message(12, encodeValueInfo(output));

  const proto = new ProtobufWriter().integer(1, IR_VERSION).string(2, 'caselight').message(7, graph);
  for (const [domain, version] of model.opsets) {
    proto.message(8, new ProtobufWriter().string(1, domain).integer(2, version));
  }
  return proto.finish();
}

function encodeNode(node: OnnxNode): ProtobufWriter {
  const writer = new ProtobufWriter();
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  // Named by what it makes: a message or profile of ONNX Runtime then points at the line of the graph.
  writer.string(3, node.outputs[0] ?? '').string(4, node.operator);
  for (const [name, value] of Object.entries(node.attributes)) writer.message(5, encodeAttribute(name, value));
  return writer.string(7, node.domain);
}

function encodeAttribute(name: string, attribute: OnnxAttribute): ProtobufWriter {
  const writer = new ProtobufWriter().string(1, name);
  const type = (kind: keyof typeof attributeTypes) => writer.integer(20, attributeTypes[kind]);
  if ('int' in attribute) {
    writer.integer(3, attribute.int);
    return type('int');
  }
  if ('float' in attribute) {
    writer.float(2, attribute.float);
    return type('float');
  }
  if ('string' in attribute) {
    writer.string(4, attribute.string);
    return type('string');
  }
  if ('ints' in attribute) {
    for (const value of attribute.ints) writer.integer(8, value);
    return type('ints');
  }
  if ('floats' in attribute) {
    for (const value of attribute.floats) writer.float(7, value);
    return type('floats');
  }
  writer.message(5, encodeTensor(attribute.tensor));
  return type('tensor');
}

function encodeTensor(tensor: OnnxTensor): ProtobufWriter {
  const writer = new ProtobufWriter();
  for (const size of tensor.dims) writer.integer(1, size);
  writer.integer(2, onnxDataTypes[tensor.dataType]).string(8, tensor.name);
  if (tensor.data instanceof Uint8Array) return writer.bytes(9, tensor.data);
  const { location, offset, length } = tensor.data;
  for (const [key, value] of Object.entries({ location, offset: `${offset}`, length: `${length}` })) {
    writer.message(13, new ProtobufWriter().string(1, key).string(2, value));
  }
  return writer.integer(14, EXTERNAL);
}

function encodeValueInfo(value: OnnxValueInfo): ProtobufWriter {
  const shape = new ProtobufWriter();
  for (const size of value.shape) {
    const dimension = new ProtobufWriter();
    shape.message(1, typeof size === 'string' ? dimension.string(2, size) : dimension.integer(1, size));
  }
  const tensorType = new ProtobufWriter().integer(1, onnxDataTypes[value.dataType]).message(2, shape);
  return new ProtobufWriter().string(1, value.name).message(2, new ProtobufWriter().message(1, tensorType));
}
