import type { CheckpointFile } from '../checkpointFile.ts';
import { damagedFile } from '../checkpointRefusals.ts';
import { MAX_STRING_BYTES, readStringEntry } from './onnxInitializersEntry.ts';
import { type OnnxInitializer, readInitializer } from './onnxInitializersTensor.ts';
import { type ByteRange, ProtobufFile } from './protobufFields.ts';

const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const GRAPH_INITIALIZER = 5;
const node = { input: 1, output: 2, name: 3, operator: 4, attribute: 5, domain: 7, metadata: 9 } as const;
const attribute = { name: 1, integer: 3, integers: 8 } as const;

/** Where torch's exporter of today says which module a node belongs to, as a list in Python: `['', 'bert', 'linear']`. */
const NAME_SCOPES = 'pkg.torch.onnx.name_scopes';
const MAX_INPUTS = 10_000;

/** A node, without attributes but those that turn a matrix. */
export interface OnnxGraphNode {
  /** As the exporter chose it; often the path of the module, with slashes. */
  readonly name: string;
  /** Path of the PyTorch module that it comes from, with dots; undefined if the exporter did not say it. */
  readonly module: string | undefined;
  readonly operator: string;
  /** Empty for the operators of ONNX itself. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** `transB` of Gemm; 0 where it is not given. */
  readonly transB: number;
  /** `perm` of Transpose; undefined where it is not given, which reverses the axes. */
  readonly perm: readonly number[] | undefined;
}

/** What a model file holds, as far as its weights are concerned. */
export interface OnnxGraphIndex {
  readonly nodes: readonly OnnxGraphNode[];
  /** By name, in the order of the file. */
  readonly initializers: ReadonlyMap<string, OnnxInitializer>;
}

/**
 * Reads nodes and initializers of an ONNX model, without the data. Source for the field numbers: onnx/onnx.proto.
 * @throws UserError BAD_CHECKPOINT for a file that is no ONNX model, is cut off or is damaged
 */
export async function readGraphIndex(file: CheckpointFile): Promise<OnnxGraphIndex> {
  const protobuf = new ProtobufFile(file);
  const nodes: OnnxGraphNode[] = [];
  const initializers = new Map<string, OnnxInitializer>();
  for await (const { number, content } of protobuf.fields(await findGraph(file, protobuf))) {
    if (content === undefined) continue;
    if (number === GRAPH_NODE) nodes.push(await readNode(file, protobuf, content));
    if (number !== GRAPH_INITIALIZER) continue;
    const initializer = await readInitializer(file, protobuf, content);
    if (initializer === undefined) continue;
    if (initializers.has(initializer.name)) throw damagedFile(file.name, 'it holds two tensors of one name');
    initializers.set(initializer.name, initializer);
  }
  return { nodes, initializers };
}

async function findGraph(file: CheckpointFile, protobuf: ProtobufFile): Promise<ByteRange> {
  let graph: ByteRange | undefined;
  for await (const { number, content } of protobuf.fields({ begin: 0, end: file.size })) {
    if (number === MODEL_GRAPH) graph = content;
  }
  if (graph === undefined) throw damagedFile(file.name, 'it holds no ONNX graph');
  return graph;
}

async function readNode(file: CheckpointFile, protobuf: ProtobufFile, range: ByteRange): Promise<OnnxGraphNode> {
  const inputs: string[] = [];
  const outputs: string[] = [];
  let [nodeName, operator, domain, transB] = ['', '', '', 0];
  let perm: readonly number[] | undefined;
  let module: string | undefined;
  for await (const { number, content } of protobuf.fields(range)) {
    if (content === undefined) continue;
    const name = () => protobuf.string(content, MAX_STRING_BYTES);
    if (number === node.input) inputs.push(await name());
    else if (number === node.output) outputs.push(await name());
    else if (number === node.name) nodeName = await name();
    else if (number === node.operator) operator = await name();
    else if (number === node.domain) domain = await name();
    else if (number === node.attribute) {
      const { name, integer, integers } = await readAttribute(protobuf, content);
      if (name === 'transB') transB = integer;
      if (name === 'perm') perm = integers;
    } else if (number === node.metadata) {
      const scopes = await readStringEntry(protobuf, content, [NAME_SCOPES]);
      // The last scope is the operation, the one before it its module.
      if (scopes !== undefined) module = /'([^']+)', '[^']*'\]$/.exec(scopes.value)?.[1];
    }
    if (inputs.length + outputs.length > MAX_INPUTS) throw damagedFile(file.name, 'a node has too many inputs');
  }
  return { name: nodeName, module, operator, domain, inputs, outputs, transB, perm };
}

async function readAttribute(protobuf: ProtobufFile, range: ByteRange) {
  let [name, integer] = ['', 0];
  const integers: number[] = [];
  for await (const field of protobuf.fields(range)) {
    if (field.number === attribute.name && field.content) name = await protobuf.string(field.content, MAX_STRING_BYTES);
    if (field.number === attribute.integer && field.integer !== undefined) integer = Number(field.integer);
    if (field.number !== attribute.integers) continue;
    if (field.integer !== undefined) integers.push(Number(field.integer));
    if (field.content) integers.push(...(await protobuf.packedIntegers(field.content, MAX_INPUTS)).map(Number));
  }
  return { name, integer, integers };
}
