import { UserError, type UserErrorCode } from '../core/userError.ts';

/** Something failed that may work when it is tried again. */
export class TransientFailure extends Error {
  override readonly name = 'TransientFailure';
  /** What a person is told once it was tried often enough. */
  readonly final: UserError;

  /**
   * @param what what happened, the first half of a sentence
   * @param hint what to do about it, the second half without its full stop
   */
  constructor(
    code: UserErrorCode,
    readonly what: string,
    hint: string,
    /** `retryAfterMs`: how long the server asks to be left alone. */
    readonly options: { readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(what, { cause: options.cause });
    this.final = new UserError(code, `${what}: ${hint}.`, { cause: options.cause });
  }
}
