/** What kind of failure a person met; stable, so that scripts can match on it. */
export type UserErrorCode =
  | 'BAD_ARCHIVE'
  | 'BAD_ARGUMENT'
  | 'BAD_CHECKPOINT'
  | 'BAD_CONFIG'
  | 'BAD_MANIFEST'
  | 'BAD_NAME'
  | 'BAD_TOKENIZER'
  | 'BAD_ENCODING'
  | 'CANCELLED'
  | 'CSV_RECORD_TOO_LONG'
  | 'EMPTY_FILE'
  | 'ENGINE_NOT_INSTALLED'
  | 'FILE_CHANGED'
  | 'FILE_NOT_FOUND'
  | 'FILE_TOO_LARGE'
  | 'HASH_MISMATCH'
  | 'HUB_FAILED'
  | 'HUB_NOT_FOUND'
  | 'HUB_REFUSED'
  | 'INFERENCE_CRASHED'
  | 'INFERENCE_FAILED'
  | 'IO_ERROR'
  | 'JOB_CRASHED'
  | 'MODEL_DAMAGED'
  | 'MODEL_IN_USE'
  | 'MODEL_NOT_FOUND'
  | 'NETWORK_FAILED'
  | 'NO_CLASSIFIER'
  | 'NO_EARLIER_MODEL'
  | 'NO_LABEL_COLUMN'
  | 'NO_TEXT_COLUMN'
  | 'OUT_OF_MEMORY'
  | 'OUTPUT_EXISTS'
  | 'PIP_FAILED'
  | 'REGISTRY_BUSY'
  | 'REGISTRY_TOO_NEW'
  | 'RUN_CHANGED'
  | 'TOO_FEW_RECORDS'
  | 'TRAINING_DIVERGED'
  | 'TRAINING_FAILED'
  | 'UNKNOWN_ARCHIVE'
  | 'UNKNOWN_COLUMN'
  | 'UNSUPPORTED_MODEL';

const BRAND = Symbol.for('caselight.UserError');

/**
 * A failure of the world, not of the program. The message is a whole sentence that is fit to show a person and says what
 * to do next. It never contains text of a narrative.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly [BRAND] = true;

  constructor(
    readonly code: UserErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  /** A bundle that another one loads has a class of its own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}
