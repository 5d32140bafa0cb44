/**
 * What the frozen part of a model makes of texts: the input of the first trained layer, [tokens, H] a text, or with the head
 * alone the last layer's output at [CLS], [1, H].
 */
export class FrozenStates {
  /** @param states of each text, row-major */
  constructor(private readonly states: readonly Float32Array[]) {}

  /** The states of some texts one after another, as `EncodedBatch.frozen` has them. */
  of(texts: readonly number[]): Float32Array {
    const parts = texts.map((text) => this.states[text] ?? new Float32Array(0));
    const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    for (const part of parts) {
      joined.set(part, offset);
      offset += part.length;
    }
    return joined;
  }
}
