import type { OnnxAttribute, OnnxDataType, OnnxModel, OnnxNode, OnnxTensor, OnnxValueInfo } from './onnxModel.ts';

/** The contributed operators of ONNX Runtime. Source: onnxruntime/docs/ContribOperators.md */
const MICROSOFT_DOMAIN = 'com.microsoft';

/** LayerNormalization became an operator in this version. */
const OPSET = 17;

/** The name of a value that flows between nodes. */
export type Value = string;

type Attributes = Readonly<Record<string, OnnxAttribute>>;

/** Builds a graph node by node, in execution order; values get their names from the operator that makes them. */
export class GraphBuilder {
  private readonly nodes: OnnxNode[] = [];
  private readonly inputs: OnnxValueInfo[] = [];
  private readonly outputs: OnnxValueInfo[] = [];
  private readonly initializers = new Map<string, OnnxTensor>();
  private readonly domains = new Set<string>();

  constructor(private readonly name: string) {}

  /** Declares an input of the graph. */
  input(name: string, dataType: OnnxDataType, shape: readonly (number | string)[]): Value {
    this.inputs.push({ name, dataType, shape });
    return name;
  }

  /** Declares `value`, which some node made under that very name, an output of the graph. */
  output(value: Value, dataType: OnnxDataType, shape: readonly (number | string)[]): void {
    this.outputs.push({ name: value, dataType, shape });
  }

  /** Adds a tensor under its own name; adding the same name again is the same tensor. */
  initializer(tensor: OnnxTensor): Value {
    if (!this.initializers.has(tensor.name)) this.initializers.set(tensor.name, tensor);
    return tensor.name;
  }

  /** A float constant inside the model file: a scalar for a number, a vector for an array. */
  float(value: number | readonly number[]): Value {
    const { values, dims, key } = constantShape(value);
    return this.constant(`float_${key}`, 'float', dims, Float32Array.from(values));
  }

  /** An int64 constant inside the model file: a scalar for a number, a vector for an array. */
  int64(value: number | readonly number[]): Value {
    const { values, dims, key } = constantShape(value);
    return this.constant(`int64_${key}`, 'int64', dims, BigInt64Array.from(values, BigInt));
  }

  /** An int32 scalar inside the model file. */
  int32(value: number): Value {
    return this.constant(`int32_${value}`, 'int32', [], Int32Array.of(value));
  }

  /** A uint8 scalar inside the model file. */
  uint8(value: number): Value {
    return this.constant(`uint8_${value}`, 'uint8', [], Uint8Array.of(value));
  }

  /** Adds a node of the standard operator set with one output, named `output` or after the operator. */
  node(
    operator: string,
    inputs: readonly Value[],
    attributes: Attributes = {},
    output = this.freshName(operator),
  ): Value {
    this.add('', operator, inputs, attributes, [output]);
    return output;
  }

  /** Adds a node of ONNX Runtime's own operators with one output. */
  microsoft(
    operator: string,
    inputs: readonly Value[],
    attributes: Attributes = {},
    output = this.freshName(operator),
  ): Value {
    this.add(MICROSOFT_DOMAIN, operator, inputs, attributes, [output]);
    return output;
  }

  /** Adds a standard node with several outputs, in the operator's order. */
  nodeWithOutputs(operator: string, inputs: readonly Value[], count: number, attributes: Attributes = {}): Value[] {
    const base = this.freshName(operator);
    const outputs = Array.from({ length: count }, (_, index) => `${base}_${index}`);
    this.add('', operator, inputs, attributes, outputs);
    return outputs;
  }

  /** The model as built so far. */
  build(): OnnxModel {
    return {
      name: this.name,
      opsets: new Map([['', OPSET], ...[...this.domains].map((domain): [string, number] => [domain, 1])]),
      inputs: this.inputs,
      outputs: this.outputs,
      initializers: [...this.initializers.values()],
      nodes: this.nodes,
    };
  }

  private add(
    domain: string,
    operator: string,
    inputs: readonly Value[],
    attributes: Attributes,
    outputs: readonly Value[],
  ): void {
    if (domain !== '') this.domains.add(domain);
    this.nodes.push({ operator, domain, inputs, outputs, attributes });
  }

  private constant(
    name: string,
    dataType: OnnxDataType,
    dims: number[],
    data: Float32Array | BigInt64Array | Int32Array | Uint8Array,
  ): Value {
    return this.initializer({ name, dataType, dims, data: new Uint8Array(data.buffer) });
  }

  private freshName(operator: string): Value {
    return `${operator}_${this.nodes.length}`;
  }
}

function constantShape(value: number | readonly number[]): { values: readonly number[]; dims: number[]; key: string } {
  return typeof value === 'number'
    ? { values: [value], dims: [], key: `scalar_${value}` }
    : { values: value, dims: [value.length], key: value.join('_') };
}
