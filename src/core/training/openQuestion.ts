/** The question whether a new model is to be used. It stays open until an answer was carried out, so that one that failed can be given again. */
export class OpenQuestion<Model> {
  #asked: Model | undefined;
  #isAnswered = false;

  /** What is asked about; undefined where nothing is. */
  get asked(): Model | undefined {
    return this.#asked;
  }

  /** Asks about a model, in place of what was asked before; undefined: asks nothing. */
  ask(model: Model | undefined): void {
    this.#asked = model;
  }

  /**
   * Carries an answer out. While one is being carried out, others are passed over.
   * @returns the model of the question that is closed by it; undefined where there was none
   * @throws what `carryOut` throws, and the question stays open
   */
  async answer(carryOut: (model: Model) => Promise<void>): Promise<Model | undefined> {
    const model = this.#asked;
    if (model === undefined || this.#isAnswered) return undefined;
    this.#isAnswered = true;
    try {
      await carryOut(model);
    } finally {
      this.#isAnswered = false;
    }
    if (this.#asked !== model) return undefined;
    this.#asked = undefined;
    return model;
  }
}
