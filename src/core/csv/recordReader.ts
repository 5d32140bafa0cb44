import type { Delimiter, Newline } from './dialect.ts';

/** Bit of {@link RecordReader.faults}: the text ended inside a quoted field. */
export const UNCLOSED_QUOTE = 1;
/** Bit of {@link RecordReader.faults}: a closing quote is followed by something other than a delimiter or terminator. */
export const TEXT_AFTER_QUOTE = 2;

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

// What the next character means. Plain numbers, because the loop below runs once a character.
const FIELD_START = 0;
const UNQUOTED = 1;
const QUOTED = 2;
/** After a quote inside a quoted field: it closes the field unless a second quote follows. */
const QUOTE_IN_QUOTED = 3;
/** After a CR that was the last character at hand: an LF may still belong to it. */
const CARRIAGE_RETURN = 4;

/**
 * Finds where a record ends (RFC 4180, with CR, LF and CRLF all ending a record, in any mixture). A quote opens only at the
 * very start of a field; inside, a doubled quote is literal; text after the closing quote belongs to the field and is a fault.
 *
 * It keeps its place inside a record, so a record may be fed in pieces and no character is read twice. After a record it
 * is ready for the next one. A blank line is a record of no characters: the caller tells it by `end` equal to its start.
 */
export class RecordReader {
  /** Offset after the record and its terminator, in the text of the last `read`. */
  next = 0;
  /** What ended the last complete record; empty where the text ended first. */
  terminator: Newline | '' = '';
  /** Number of fields of the last complete record, 1 or more. */
  fieldCount = 1;
  /** {@link UNCLOSED_QUOTE} and {@link TEXT_AFTER_QUOTE} of the last complete record. */
  faults = 0;

  readonly #delimiter: number;
  #state = FIELD_START;
  #fieldCount = 1;
  #faults = 0;

  constructor(delimiter: Delimiter) {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  /**
   * Offset of the end of the last complete record, without its terminator. It is -1 where the record ended with a CR that
   * was the last character of the piece before.
   */
  get end(): number {
    return this.next - this.terminator.length;
  }

  /**
   * Reads on from offset `from` of `text`, to the end of the record under way.
   *
   * @param isLast whether nothing follows `text`
   * @returns true when the record is complete; false when it goes on in text not yet at hand, all of `text` being read
   */
  read(text: string, from: number, isLast: boolean): boolean {
    const delimiter = this.#delimiter;
    const length = text.length;
    let state = this.#state;
    let offset = from;

    while (offset < length) {
      if (state === FIELD_START) {
        if (text.charCodeAt(offset) === QUOTE) {
          offset++;
          state = QUOTED;
          continue;
        }
        state = UNQUOTED;
      }
      if (state === QUOTED) {
        const quote = text.indexOf('"', offset);
        if (quote === -1) {
          offset = length;
          break;
        }
        offset = quote + 1;
        state = QUOTE_IN_QUOTED;
        continue;
      }
      if (state === QUOTE_IN_QUOTED) {
        const code = text.charCodeAt(offset);
        if (code === QUOTE) {
          offset++;
          state = QUOTED;
          continue;
        }
        if (code !== delimiter && code !== LF && code !== CR) this.#faults |= TEXT_AFTER_QUOTE;
        state = UNQUOTED;
      }
      if (state === CARRIAGE_RETURN) {
        const isPair = text.charCodeAt(offset) === LF;
        return isPair ? this.#complete(offset + 1, '\r\n') : this.#complete(offset, '\r');
      }

      let code = 0;
      for (; offset < length; offset++) {
        code = text.charCodeAt(offset);
        if (code === delimiter || code === LF || code === CR) break;
      }
      if (offset === length) break;
      offset++;
      if (code === delimiter) {
        this.#fieldCount++;
        state = FIELD_START;
      } else if (code === LF) {
        return this.#complete(offset, '\n');
      } else {
        state = CARRIAGE_RETURN;
      }
    }

    if (!isLast) {
      this.#state = state;
      return false;
    }
    if (state === QUOTED) this.#faults |= UNCLOSED_QUOTE;
    return this.#complete(length, state === CARRIAGE_RETURN ? '\r' : '');
  }

  #complete(next: number, terminator: Newline | ''): true {
    this.next = next;
    this.terminator = terminator;
    this.fieldCount = this.#fieldCount;
    this.faults = this.#faults;
    this.#state = FIELD_START;
    this.#fieldCount = 1;
    this.#faults = 0;
    return true;
  }
}
