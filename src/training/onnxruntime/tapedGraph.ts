import type { HeadActivation } from '../../checkpoint/architectures.ts';
import type { HiddenActivation } from '../../checkpoint/bertConfig.ts';
import { addActivation } from '../../onnx/activation.ts';
import type { GraphBuilder, Value } from '../../onnx/graphBuilder.ts';
import { activationGradient } from './activationGradient.ts';

/** A value of the forward pass, and what adds the nodes of its backward pass: the gradient of its input from its own. */
export interface Taped<Gradients = Value> {
  readonly value: Value;
  /** To be called once, after the nodes of everything that depends on `value` were added. */
  backward(gradient: Value): Gradients;
}

/** The value that is the gradient of a weight. */
export const gradientName = (weight: string): Value => `d ${weight}`;

/** Where a mask of dropout is applied, and the sizes that its shape is made of; a mask holds 0 or 1 / (1 - p). */
export interface DropoutSite {
  /** The graph's input. */
  readonly name: string;
  readonly shape: 'tokens' | 'texts' | 'attention' | 'cls-attention';
  /** Of a row. */
  readonly width: number;
}

/**
 * Adds differentiable operations to a graph: each gives its value and, asked for it, the nodes that compute its gradient, derived
 * by hand, in operators that any ONNX Runtime has. Weights are inputs of the graph under their own names; the gradient of
 * each weight that was reached has a name of its own.
 */
export class TapedGraph {
  /** Weights whose gradient is computed; each is the value `gradientName(weight)`, in the weight's shape. */
  readonly gradients = new Set<string>();
  readonly dropoutSites: DropoutSite[] = [];
  private readonly declared = new Set<string>();

  /**
   * @param shapes of every weight that may be asked for
   * @param dropout share of values that are dropped; at 0 there are no masks
   */
  constructor(
    readonly graph: GraphBuilder,
    private readonly shapes: ReadonlyMap<string, readonly number[]>,
    private readonly dropoutShare: number,
  ) {}

  /** A weight, as an input of the graph. */
  weight(name: string): Value {
    if (!this.declared.has(name)) {
      const shape = this.shapes.get(name);
      if (shape === undefined) throw new Error(`no weight ${name}`);
      this.graph.input(name, 'float', shape);
      this.declared.add(name);
    }
    return name;
  }

  /** Names of the weights that the graph reads. */
  get weights(): ReadonlySet<string> {
    return this.declared;
  }

  /** y = x Wᵀ + b of [rows, inputs], W being [outputs, inputs] as PyTorch stores it. */
  linear(x: Value, name: string): Taped {
    const { graph } = this;
    const weight = this.weight(`${name}.weight`);
    const value = graph.node('Gemm', [x, weight, this.weight(`${name}.bias`)], { transB: { int: 1 } });
    return {
      value,
      backward: (gradient) => {
        graph.node('Gemm', [gradient, x], { transA: { int: 1 } }, this.gradientOf(`${name}.weight`));
        this.sumOfRows(gradient, this.gradientOf(`${name}.bias`));
        return graph.node('MatMul', [gradient, weight]);
      },
    };
  }

  /**
   * Layer normalization over the last axis of [rows, width]. With x̂ the normalized input and d the gradient times the gain:
   * dx = (d - mean(d) - x̂ mean(d x̂)) / σ. Source: Ba et al. 2016; Karpathy's llm.c, layernorm_backward
   */
  norm(x: Value, name: string, epsilon: number): Taped {
    const { graph } = this;
    const gain = this.weight(`${name}.weight`);
    const [value = '', mean = '', inverse = ''] = graph.nodeWithOutputs(
      'LayerNormalization',
      [x, gain, this.weight(`${name}.bias`)],
      3,
      { axis: { int: -1 }, epsilon: { float: epsilon } },
    );
    return {
      value,
      backward: (gradient) => {
        const normalized = graph.node('Mul', [graph.node('Sub', [x, mean]), inverse]);
        this.sumOfRows(graph.node('Mul', [gradient, normalized]), this.gradientOf(`${name}.weight`));
        this.sumOfRows(gradient, this.gradientOf(`${name}.bias`));
        const d = graph.node('Mul', [gradient, gain]);
        const alongNormalized = this.meanOfRow(graph.node('Mul', [d, normalized]));
        const centred = graph.node('Sub', [d, this.meanOfRow(d)]);
        return graph.node('Mul', [
          graph.node('Sub', [centred, graph.node('Mul', [normalized, alongNormalized])]),
          inverse,
        ]);
      },
    };
  }

  /** An activation, element by element. */
  activation(x: Value, activation: HiddenActivation | HeadActivation): Taped {
    const value = addActivation(this.graph, activation, x);
    return { value, backward: (gradient) => activationGradient(this.graph, activation, { x, value, gradient }) };
  }

  /** Drops values, by a mask that whoever runs the graph makes; the value itself where nothing is dropped. */
  dropout(x: Value, site: DropoutSite): Taped {
    if (this.dropoutShare === 0) return { value: x, backward: (gradient) => gradient };
    const { graph } = this;
    this.dropoutSites.push(site);
    const mask = graph.input(site.name, 'float', maskShape(site));
    return {
      value: graph.node('Mul', [x, mask]),
      backward: (gradient) => graph.node('Mul', [gradient, mask]),
    };
  }

  /** The name for the gradient of a weight, which is then computed. */
  private gradientOf(weight: string): Value {
    this.gradients.add(weight);
    return gradientName(weight);
  }

  /** [rows, width] to [width]. */
  private sumOfRows(x: Value, output: Value): void {
    this.graph.node('ReduceSum', [x, this.graph.int64([0])], { keepdims: { int: 0 } }, output);
  }

  /** [rows, width] to [rows, 1]. */
  private meanOfRow(x: Value): Value {
    return this.graph.node('ReduceMean', [x], { axes: { ints: [-1] }, keepdims: { int: 1 } });
  }
}

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
