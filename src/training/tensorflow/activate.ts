import * as tf from '@tensorflow/tfjs-core';
import type { HeadActivation } from '../../checkpoint/architectures.ts';
import type { HiddenActivation } from '../../checkpoint/bertConfig.ts';

/** An activation, element by element; to be called inside of `tf.tidy`. Source: Hendrycks & Gimpel 2016 for both GELUs */
export function activate(kind: HiddenActivation | HeadActivation, x: tf.Tensor): tf.Tensor {
  switch (kind) {
    case 'gelu':
      return halved(x, tf.erf(tf.mul(x, Math.SQRT1_2)));
    case 'gelu_new': {
      const cubic = tf.mul(x, tf.add(tf.mul(tf.square(x), 0.044715), 1));
      return halved(x, tf.tanh(tf.mul(cubic, Math.sqrt(2 / Math.PI))));
    }
    case 'relu':
      return tf.relu(x);
    case 'tanh':
      return tf.tanh(x);
  }
}

/** x (1 + t) / 2. */
function halved(x: tf.Tensor, t: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.add(tf.mul(t, 0.5), 0.5));
}
