import { createHash } from 'node:crypto';

/** What is known of a record without its text. */
export interface RecordFacts {
  /** Text of the id cell; undefined where there is none. */
  readonly id: string | undefined;
  /** Text of the label cell; undefined where there is none. */
  readonly label: string | undefined;
  /** SHA-256 of the narrative, hexadecimal; undefined where the narrative is empty. */
  readonly textHash: string | undefined;
}

/** The facts of a record with these cells. @param text the narrative */
export function recordFacts(id: string | undefined, label: string | undefined, text: string | undefined): RecordFacts {
  const textHash =
    text === undefined || text.trim() === '' ? undefined : createHash('sha256').update(text).digest('hex');
  return { id, label, textHash };
}
