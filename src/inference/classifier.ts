import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { UserError } from '../core/userError.ts';
import { loadOnnxRuntime, type OnnxRuntime } from './onnxRuntime.ts';
import { packInputs } from './packing.ts';

/** How to open a classifier. */
export interface ClassifierOptions {
  /** An .onnx file as `deriveModel` writes it. */
  readonly modelPath: string;
  /** Number of labels, which is the number of logits of a text. */
  readonly labelCount: number;
  /** Threads of one operator, at least 1; more than the processor has cores makes it slower. */
  readonly threads: number;
}

/**
 * A BERT classifier in ONNX Runtime. `run` blocks the JavaScript thread for the whole batch: keep it in a process of its own.
 */
export class OnnxClassifier {
  private constructor(
    private readonly runtime: OnnxRuntime,
    private readonly session: InferenceSession,
    readonly labelCount: number,
  ) {}

  /** Loads a model. @throws UserError INFERENCE_FAILED */
  static async open({ modelPath, labelCount, threads }: ClassifierOptions): Promise<OnnxClassifier> {
    try {
      const runtime = await loadOnnxRuntime();
      const session = await runtime.InferenceSession.create(modelPath, sessionOptions(threads));
      return new OnnxClassifier(runtime, session, labelCount);
    } catch (cause) {
      throw new UserError(
        'INFERENCE_FAILED',
        'ONNX Runtime could not load the model: delete the folder of derived models, then try again.',
        { cause },
      );
    }
  }

  /**
   * Classifies one batch. Sequences may differ in length; each begins with [CLS] and fits the model's positions.
   * @returns logits [sequences, labels], row-major
   * @throws UserError INFERENCE_FAILED
   */
  async run(sequences: readonly (Int32Array | readonly number[])[]): Promise<Float32Array> {
    if (sequences.length === 0) return new Float32Array(0);
    const packed = packInputs(sequences);
    const { Tensor } = this.runtime;
    const vector = (data: Int32Array) => new Tensor('int32', data, [data.length]);
    const logits = await this.runSession({
      input_ids: vector(packed.inputIds),
      position_ids: vector(packed.positionIds),
      pad_index: new Tensor('int32', packed.padIndex, [sequences.length, packed.maxLength]),
      unpad_index: vector(packed.unpadIndex),
      lengths: vector(packed.lengths),
      cls_index: vector(packed.clsIndex),
    });
    if (logits.length !== sequences.length * this.labelCount) {
      throw new Error(`${logits.length} logits for ${sequences.length} sequences and ${this.labelCount} labels`);
    }
    if (!logits.every(Number.isFinite)) {
      throw new UserError(
        'INFERENCE_FAILED',
        'The model gives no numbers for some texts, so its weights are damaged: copy or download it again.',
      );
    }
    return logits;
  }

  /** Frees the model's memory; the classifier cannot be used any more. */
  async dispose(): Promise<void> {
    await this.session.release();
  }

  private async runSession(feeds: Record<string, Tensor>): Promise<Float32Array> {
    try {
      const { logits } = await this.session.run(feeds);
      if (logits?.data instanceof Float32Array) return logits.data;
    } catch (cause) {
      throw new UserError(
        'INFERENCE_FAILED',
        'ONNX Runtime could not run the model: check that tokenizer and model come from the same folder.',
        { cause },
      );
    }
    throw new Error('The model has no float output named logits');
  }
}

function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    intraOpNumThreads: Math.max(1, Math.floor(threads)),
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Measured over 2,000 mixed batches of the default model: the arena is both smaller and faster than malloc, because
    // batches are bounded. A memory pattern is planned for one shape, and no two batches have the same.
    enableCpuMemArena: true,
    enableMemPattern: false,
    // Errors reach the caller as exceptions: standard error stays for what the program says.
    logSeverityLevel: 4,
    // A spinning thread takes time from the editor.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
}
