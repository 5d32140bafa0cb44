import type { HeadActivation } from '../../checkpoint/architectures.ts';
import type { HiddenActivation } from '../../checkpoint/bertConfig.ts';
import { addActivation } from '../../onnx/activation.ts';
import type { GraphBuilder, Value } from '../../onnx/graphBuilder.ts';
import {
  type DropoutSite,
  type InputName,
  inputTypes,
  type Operators,
  type OutputName,
  type Taped,
} from '../network/operators.ts';

/** Name of the output that is the gradient of a weight. */
export const gradientOutput = (weight: string): Value => `d ${weight}`;

/** Name of the output, a scalar, that is the sum of squares of the gradient of a weight. */
export const squaresOutput = (weight: string): Value => `d² ${weight}`;

/** Writes a network as an ONNX graph, in operators that any ONNX Runtime has; weights are inputs under their own names. */
export class GraphOperators implements Operators<Value> {
  /** Weights whose gradients are outputs. */
  readonly gradients: string[] = [];
  /** In the order of the forward pass. */
  readonly sites: DropoutSite[] = [];
  readonly weights = new Set<string>();
  private readonly inputs = new Set<InputName>();

  /** @param shapes of every weight that the network may read */
  constructor(
    private readonly graph: GraphBuilder,
    private readonly shapes: ReadonlyMap<string, readonly number[]>,
    readonly dropout: number,
  ) {}

  input(name: InputName): Value {
    if (!this.inputs.has(name)) {
      this.inputs.add(name);
      const { type, dims } = inputTypes[name];
      this.graph.input(name, type, dims);
    }
    return name;
  }

  weight(name: string): Value {
    if (!this.weights.has(name)) {
      this.weights.add(name);
      this.graph.input(name, 'float', this.shape(name));
    }
    return name;
  }

  embeddings(table: string, index?: InputName): Value {
    // A scalar index would take an axis away.
    const rows = index === undefined ? this.graph.int64([0]) : this.input(index);
    return this.rows(this.weight(table), rows);
  }

  mask(site: DropoutSite): Value {
    this.sites.push(site);
    return this.graph.input(site.name, 'float', maskShape(site));
  }

  output(name: OutputName, value: Value): void {
    this.graph.node('Identity', [value], {}, name);
    this.graph.output(name, 'float', outputShapes[name]);
  }

  matrixGradient(weight: string, g: Value, x: Value): void {
    this.declareGradient(weight, this.graph.node('Gemm', [g, x], { transA: { int: 1 } }, gradientOutput(weight)));
  }

  vectorGradient(weight: string, g: Value): void {
    const inputs = [g, this.graph.int64([0])];
    this.declareGradient(
      weight,
      this.graph.node('ReduceSum', inputs, { keepdims: { int: 0 } }, gradientOutput(weight)),
    );
  }

  part(run: () => Taped<Value>): Taped<Value> {
    return run();
  }

  add(a: Value, b: Value): Value {
    return this.graph.node('Add', [a, b]);
  }

  subtract(a: Value, b: Value): Value {
    return this.graph.node('Sub', [a, b]);
  }

  multiply(a: Value, b: Value): Value {
    return this.graph.node('Mul', [a, b]);
  }

  scale(x: Value, factor: number): Value {
    return this.multiply(x, this.graph.float(factor));
  }

  shift(x: Value, term: number): Value {
    return this.add(x, this.graph.float(term));
  }

  negate(x: Value): Value {
    return this.graph.node('Neg', [x]);
  }

  exp(x: Value): Value {
    return this.graph.node('Exp', [x]);
  }

  erf(x: Value): Value {
    return this.graph.node('Erf', [x]);
  }

  tanh(x: Value): Value {
    return this.graph.node('Tanh', [x]);
  }

  sign(x: Value): Value {
    return this.graph.node('Sign', [x]);
  }

  activation(kind: HiddenActivation | HeadActivation, x: Value): Value {
    return addActivation(this.graph, kind, x);
  }

  linear(x: Value, weight: Value, bias: Value): Value {
    return this.graph.node('Gemm', [x, weight, bias], { transB: { int: 1 } });
  }

  product(a: Value, b: Value, { transposeA = false, transposeB = false, factor = 1 } = {}): Value {
    if (!transposeA && !transposeB && factor === 1) return this.graph.node('MatMul', [a, b]);
    return this.graph.microsoft('FusedMatMul', [a, b], {
      transA: { int: transposeA ? 1 : 0 },
      transB: { int: transposeB ? 1 : 0 },
      alpha: { float: factor },
    });
  }

  normalize(x: Value, gain: Value, bias: Value, epsilon: number) {
    const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
    const outputs = this.graph.nodeWithOutputs('LayerNormalization', [x, gain, bias], 3, attributes);
    const [value = '', mean = '', inverse = ''] = outputs;
    return { value, mean, inverse };
  }

  softmax(x: Value): Value {
    return this.graph.node('Softmax', [x], { axis: { int: -1 } });
  }

  logSoftmax(x: Value): Value {
    return this.graph.node('LogSoftmax', [x], { axis: { int: -1 } });
  }

  totalOfRow(x: Value): Value {
    return this.graph.node('ReduceSum', [x, this.graph.int64([-1])], { keepdims: { int: 1 } });
  }

  meanOfRow(x: Value): Value {
    return this.graph.node('ReduceMean', [x], { axes: { ints: [-1] }, keepdims: { int: 1 } });
  }

  total(x: Value): Value {
    return this.graph.node('ReduceSum', [x], { keepdims: { int: 0 } });
  }

  rows(x: Value, index: Value): Value {
    return this.graph.node('Gather', [x, index], { axis: { int: 0 } });
  }

  addToRows(x: Value, index: Value, added: Value): Value {
    const { graph } = this;
    const places = graph.node('Unsqueeze', [graph.node('Cast', [index], { to: { int: 7 } }), graph.int64([1])]);
    return graph.node('ScatterND', [x, places, added], { reduction: { string: 'add' } });
  }

  single(x: Value): Value {
    return this.graph.node('Unsqueeze', [x, this.graph.int64([1])]);
  }

  toHeads(x: Value, headCount: number): Value {
    // 0 keeps a size, and -1 is what is left.
    const split = this.graph.node('Reshape', [x, this.graph.int64([0, 0, headCount, -1])]);
    return this.graph.node('Transpose', [split], { perm: { ints: [0, 2, 1, 3] } });
  }

  fromHeads(x: Value, width: number): Value {
    const joined = this.graph.node('Transpose', [x], { perm: { ints: [0, 2, 1, 3] } });
    return this.graph.node('Reshape', [joined, this.graph.int64([-1, width])]);
  }

  private declareGradient(weight: string, gradient: Value): void {
    this.gradients.push(weight);
    this.graph.output(gradient, 'float', this.shape(weight));
    const squares = this.graph.node('ReduceSumSquare', [gradient], { keepdims: { int: 0 } }, squaresOutput(weight));
    this.graph.output(squares, 'float', []);
  }

  private shape(weight: string): readonly number[] {
    const shape = this.shapes.get(weight);
    if (shape === undefined) throw new Error(`no weight ${weight}`);
    return shape;
  }
}

const outputShapes = {
  logits: ['B', 'labels'],
  loss: [],
  hidden: ['rows', 'H'],
  embeddingGradient: ['T', 'E'],
} as const satisfies Record<OutputName, readonly string[]>;

function maskShape({ shape, width }: DropoutSite): (number | string)[] {
  switch (shape) {
    case 'tokens':
      return ['T', width];
    case 'texts':
      return ['B', width];
    case 'attention':
      return ['B', width, 'S', 'S'];
    case 'cls-attention':
      return ['B', width, 1, 'S'];
  }
}
