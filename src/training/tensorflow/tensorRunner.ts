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
    const pass = new TensorOperators({ inputs, masks, dropout, weights: this.weights, backward: true });
    return this.compute(pass, () => {
      const embeddingGradient = pass.outputs.get('embeddingGradient');
      const loss = numbers(pass.outputs.get('loss'))[0] ?? Number.NaN;
      const logits = numbers(pass.outputs.get('logits'));
      const ofEmbeddings = embeddingGradient === undefined ? {} : { embeddingGradient: numbers(embeddingGradient) };
      pass.freeAllButGradients();
      const squares = sumOfSquares(pass.gradients.values());
      return { loss, logits, sumOfSquares: squares, ...ofEmbeddings, gradient: (weight) => pass.takeGradient(weight) };
    });
  }

  async predict(inputs: Inputs): Promise<Float32Array> {
    const pass = new TensorOperators({ inputs, dropout: 0, weights: this.weights, backward: false });
    return this.compute(pass, () => {
      const logits = numbers(pass.outputs.get('logits'));
      pass.dispose();
      return logits;
    });
  }

  async dispose(): Promise<void> {
    this.lastStep?.dispose();
    this.lastStep = undefined;
  }

  /** Computes a pass, and reads what is wanted of it. @throws UserError TRAINING_FAILED */
  private compute<T>(pass: TensorOperators, read: () => T): T {
    this.lastStep?.dispose();
    this.lastStep = pass;
    try {
      const { backward } = pass.options;
      classifierNetwork(pass, this.config, { scope: this.options.scope, backward });
      return read();
    } catch (cause) {
      pass.dispose();
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

function sumOfSquares(gradients: Iterable<tf.Tensor>): number {
  let sum = 0;
  for (const gradient of gradients) {
    // Each on its own: the squares of all at once would be as large as the gradients.
    const squares = tf.tidy(() => tf.sum(tf.square(gradient)));
    sum += numbers(squares)[0] ?? Number.NaN;
    squares.dispose();
  }
  return sum;
}
