import type { BertConfig } from '../../checkpoint/bertConfig.ts';
import { bertTensorShapes } from '../../checkpoint/bertTensors.ts';
import type { TrainingScope } from '../../core/training/trainingRecipe.ts';
import { GraphBuilder } from '../../onnx/graphBuilder.ts';
import type { OnnxModel } from '../../onnx/onnxModel.ts';
import { classifierNetwork, frozenNetwork } from '../network/classifierNetwork.ts';
import type { DropoutSite } from '../network/operators.ts';
import { GraphOperators } from './graphOperators.ts';

/** A network as a graph, whose inputs and outputs are those of `Operators`. */
export interface NetworkGraph {
  readonly model: OnnxModel;
  /** Weights that it takes as inputs, under their names. */
  readonly weights: readonly string[];
  /** Weights whose gradients are the outputs `gradientOutput(name)`, in their shapes, and their squares `squaresOutput(name)`. */
  readonly gradients: readonly string[];
  /** Masks that it takes as inputs, in the order in which they are drawn. */
  readonly dropoutSites: readonly DropoutSite[];
}

/** What the graph is to compute. */
export interface TrainingGraphOptions {
  readonly scope: TrainingScope;
  readonly dropout: number;
  readonly backward: boolean;
}

/** Writes `classifierNetwork`: loss and gradients, or without `backward` the logits alone, without dropout. */
export function buildTrainingGraph(
  config: BertConfig,
  { scope, dropout, backward }: TrainingGraphOptions,
): NetworkGraph {
  return build(config, backward ? dropout : 0, (operators) =>
    classifierNetwork(operators, config, { scope, backward }),
  );
}

/** Writes `frozenNetwork`. @param layers 0 to all */
export function buildFrozenGraph(config: BertConfig, layers: number): NetworkGraph {
  return build(config, 0, (operators) => frozenNetwork(operators, config, layers));
}

function build(config: BertConfig, dropout: number, write: (operators: GraphOperators) => void): NetworkGraph {
  const graph = new GraphBuilder('bert-training');
  const operators = new GraphOperators(graph, bertTensorShapes(config), dropout);
  write(operators);
  const { weights, gradients, sites } = operators;
  return { model: graph.build(), weights: [...weights], gradients, dropoutSites: sites };
}
