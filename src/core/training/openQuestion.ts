/**
 * The question whether a new model is to be used. It stays open until an answer was carried out, so that one that failed can be
 * given again. An answer is about the model that it was asked about, however late it comes: an old notification says nothing
 * of a newer model.
 */
export class OpenQuestion<Model> {
  #asked: Model | undefined;
  /** Models about which an answer is being carried out. */
  readonly #answered = new Set<Model>();

  /** What is asked about; undefined where nothing is. */
  get asked(): Model | undefined {
    return this.#asked;
  }

  /** Asks about a model, in place of what was asked before; undefined: asks nothing. */
  ask(model: Model | undefined): void {
    this.#asked = model;
  }

  /**
   * Carries an answer out. While one is being carried out, others about this model are passed over.
   * @param model that the answer is about
   * @returns `closed`: the question that is open was about this model, and no longer is; `late`: it was about another one, or
   *   there was none, and the answer was carried out all the same
   * @throws what `carryOut` throws, and the question stays open
   */
  async answer(model: Model, carryOut: () => Promise<void>): Promise<'closed' | 'late' | 'passed over'> {
    if (this.#answered.has(model)) return 'passed over';
    this.#answered.add(model);
    try {
      await carryOut();
    } finally {
      this.#answered.delete(model);
    }
    if (this.#asked !== model) return 'late';
    this.#asked = undefined;
    return 'closed';
  }
}
