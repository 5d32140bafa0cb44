import * as tf from '@tensorflow/tfjs-core';
import type { BertConfig } from '../../checkpoint/bertConfig.ts';
import { bertTensorShapes } from '../../checkpoint/bertTensors.ts';
import { UserError } from '../../core/userError.ts';
import type { NetworkInput } from '../network/batchInputs.ts';
import { classifierNetwork } from '../network/classifierNetwork.ts';
import type { DropoutMasks } from '../network/dropoutMasks.ts';
import type { NetworkRunner, StepOutputs } from '../network/networkRunner.ts';
import type { InputName } from '../network/operators.ts';
import type { SessionOptions } from '../trainingEngine.ts';
import { TensorOperators } from './tensorOperators.ts';

type Inputs = ReadonlyMap<InputName, NetworkInput>;

/** Computes a network in TensorFlow.js operators, on the backend that is set. */
export class TensorRunner implements NetworkRunner {
  private readonly config: BertConfig;
  private readonly weights: ReadonlyMap<string, NetworkInput>;
  /** Of the last step: its gradients are read one by one. */
  private lastStep: TensorOperators | undefined;

  constructor(
    private readonly options: SessionOptions,
    weights: ReadonlyMap<string, Float32Array>,
  ) {
    this.config = options.config;
    const shapes = bertTensorShapes(this.config);
    this.weights = new Map([...weights].map(([name, data]) => [name, { data, dims: shapes.get(name) ?? [] }]));
  }

  async step(inputs: Inputs, masks: DropoutMasks): Promise<StepOutputs> {
    const { dropout } = this.options;
    const operators = this.pass(
      new TensorOperators({ inputs, masks, dropout, weights: this.weights, backward: true }),
      true,
    );
    const embeddingGradient = operators.outputs.get('embeddingGradient');
    const outputs = {
      loss: numbers(operators.outputs.get('loss'))[0] ?? Number.NaN,
      logits: numbers(operators.outputs.get('logits')),
      sumOfSquares: sumOfSquares([...operators.gradients.values()]),
      ...(embeddingGradient === undefined ? {} : { embeddingGradient: numbers(embeddingGradient) }),
    };
    operators.freeAllButGradients();
    return { ...outputs, gradient: (weight) => operators.takeGradient(weight) };
  }

  async predict(inputs: Inputs): Promise<Float32Array> {
    const operators = this.pass(
      new TensorOperators({ inputs, dropout: 0, weights: this.weights, backward: false }),
      false,
    );
    const logits = numbers(operators.outputs.get('logits'));
    operators.dispose();
    return logits;
  }

  async dispose(): Promise<void> {
    this.lastStep?.dispose();
    this.lastStep = undefined;
  }

  private pass(operators: TensorOperators, backward: boolean): TensorOperators {
    this.lastStep?.dispose();
    this.lastStep = operators;
    try {
      classifierNetwork(operators, this.config, { scope: this.options.scope, backward });
      return operators;
    } catch (cause) {
      operators.dispose();
      throw new UserError(
        'TRAINING_FAILED',
        'TensorFlow could not compute a training step, perhaps for want of memory: close other programs, or train fewer layers or smaller batches.',
        { cause },
      );
    }
  }
}

/** The elements of a tensor, as a copy. */
function numbers(tensor: tf.Tensor | undefined): Float32Array {
  if (tensor === undefined) throw new Error('the network gave no value for an output');
  return tensor.dataSync<'float32'>();
}

function sumOfSquares(gradients: readonly tf.Tensor[]): number {
  const total = tf.tidy(() => tf.stack(gradients.map((gradient) => tf.sum(tf.square(gradient)))));
  const sum = numbers(total).reduce((all, each) => all + each, 0);
  total.dispose();
  return sum;
}
