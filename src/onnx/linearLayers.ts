import type { GraphBuilder, Value } from './graphBuilder.ts';
import type { OnnxTensor } from './onnxModel.ts';

/** Adds linear layers that share the input `x` [rows, inputs]; returns one value [rows, outputs] for each name. */
export type AddLinears = (graph: GraphBuilder, x: Value, names: readonly string[]) => Value[];

/** The tensors of a graph by name. */
export type TensorTable = ReadonlyMap<string, OnnxTensor>;

/** The tensor of that name; a graph that asks for one that was not placed is a mistake of the program. */
export function tensorNamed(tensors: TensorTable, name: string): OnnxTensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`No tensor ${name} among ${tensors.size}`);
  return tensor;
}

/**
 * Linear layers in float32 that take each weight as PyTorch stores it, [outputs, inputs]: nothing is transposed, so a
 * checkpoint can be used in place.
 */
export function fullPrecisionLinears(tensors: TensorTable): AddLinears {
  return (graph, x, names) =>
    names.map((name) => {
      const weight = graph.initializer(tensorNamed(tensors, `${name}.weight`));
      const bias = graph.initializer(tensorNamed(tensors, `${name}.bias`));
      return graph.node('Add', [graph.microsoft('FusedMatMul', [x, weight], { transB: { int: 1 } }), bias]);
    });
}
