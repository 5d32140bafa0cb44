import { damagedFile } from '../checkpointRefusals.ts';

/** Longest string, number or line in bytes: names of tensors have less than a hundred. */
export const MAX_LITERAL_BYTES = 2 ** 20;
const LINE_FEED = 0x0a;

/** The bytes ended inside of a pickle. There may be more of them in the file. */
export class PickleCutOff extends Error {
  override readonly name = 'PickleCutOff';
  constructor() {
    super('The bytes end before the pickle does');
  }
}

/** Reads the arguments of pickle instructions, which are little-endian unless said otherwise, one after the other. */
export class PickleReader {
  private readonly view: DataView;
  private offset = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly fileName: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes were read so far. */
  get position(): number {
    return this.offset;
  }

  /** @throws PickleCutOff at the end of the bytes, as every method */
  uint8(): number {
    return this.view.getUint8(this.advance(1));
  }

  uint16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  uint32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  int32(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  /** A length of 8 bytes, rounded to a double: those beyond the safe integers are refused for their size. */
  uint64(): number {
    return Number(this.view.getBigUint64(this.advance(8), true));
  }

  /** Big-endian, the only number of the format that is. */
  float64(): number {
    return this.view.getFloat64(this.advance(8), false);
  }

  /** The next bytes, in memory that is shared with the pickle. @throws UserError BAD_CHECKPOINT for more than MAX_LITERAL_BYTES */
  take(length: number): Uint8Array {
    if (length > MAX_LITERAL_BYTES) throw damagedFile(this.fileName, `a value of its pickle has ${length} bytes`);
    const start = this.advance(length);
    return this.bytes.subarray(start, start + length);
  }

  /** UTF-8 of that many bytes. */
  text(length: number): string {
    return this.decode(this.take(length));
  }

  /** The bytes up to the next line feed, which is passed over. */
  lineBytes(): Uint8Array {
    const end = this.bytes.indexOf(LINE_FEED, this.offset);
    const length = (end === -1 ? this.bytes.length : end) - this.offset;
    const line = this.take(length);
    this.advance(1);
    return line;
  }

  /** The next line as UTF-8. */
  line(): string {
    return this.decode(this.lineBytes());
  }

  private advance(length: number): number {
    const start = this.offset;
    if (start + length > this.bytes.length) throw new PickleCutOff();
    this.offset = start + length;
    return start;
  }

  private decode(bytes: Uint8Array): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw damagedFile(this.fileName, 'a string of its pickle is not UTF-8', cause);
    }
  }
}
