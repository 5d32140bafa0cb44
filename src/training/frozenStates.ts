/** The states of a text, row-major: in memory, or read when they are wanted. */
export type StatesOfText = Float32Array | (() => Promise<Float32Array>);

/**
 * What the frozen part of a model makes of texts: the input of the first trained layer, [tokens, H] a text, or with the head
 * alone the last layer's output at [CLS], [1, H].
 */
export class FrozenStates {
  constructor(private readonly states: readonly StatesOfText[]) {}

  /** The states of some texts one after another, as `EncodedBatch.frozen` has them. @throws UserError TRAINING_FAILED */
  async of(texts: readonly number[]): Promise<Float32Array> {
    const parts: Float32Array[] = [];
    for (const text of texts) {
      const own = this.states[text] ?? new Float32Array(0);
      parts.push(typeof own === 'function' ? await own() : own);
    }
    const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    for (const part of parts) {
      joined.set(part, offset);
      offset += part.length;
    }
    return joined;
  }

  /** Those of the texts from `start` to before `end`. */
  slice(start: number, end?: number): FrozenStates {
    return new FrozenStates(this.states.slice(start, end));
  }
}
