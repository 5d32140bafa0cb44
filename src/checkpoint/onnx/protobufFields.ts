import type { CheckpointFile } from '../checkpointFile.ts';
import { damagedFile } from '../checkpointRefusals.ts';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const MAX_VARINT_BYTES = 10;
/** What is read at once: the fields between two tensors of a model take a few hundred bytes. */
const WINDOW_BYTES = 8192;
/** The graph of BERT-large in its smallest pieces has about 60,000 fields. Anything near this is no model, but a waste of time. */
const MAX_FIELDS = 1_000_000;

/** A run of bytes of the file; `end` is exclusive. */
export interface ByteRange {
  readonly begin: number;
  readonly end: number;
}

/** One field of a message. */
export interface ProtobufField {
  /** The number that the .proto file gives it. */
  readonly number: number;
  /** The value of an integer, bool or enum, as a signed 64-bit number; undefined for all others. */
  readonly integer: bigint | undefined;
  /** Where the content of a string, message, bytes or packed field lies; undefined for all others. */
  readonly content: ByteRange | undefined;
}

/**
 * Reads protocol-buffer messages in a file, whatever its size: content is passed over until it is asked for. Memory and time
 * are bounded, whatever the bytes are. Source: https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufFile {
  private window = new Uint8Array(0);
  private windowStart = 0;
  private fieldCount = 0;

  constructor(private readonly file: CheckpointFile) {}

  /**
   * The fields of a message one after the other. Other messages may be read in between.
   * @throws UserError BAD_CHECKPOINT for bytes that are no message
   */
  async *fields({ begin, end }: ByteRange): AsyncGenerator<ProtobufField, void, undefined> {
    let position = begin;
    while (position < end) {
      if (++this.fieldCount > MAX_FIELDS) throw damagedFile(this.file.name, `it has more than ${MAX_FIELDS} fields`);
      const field = await this.field(position, end);
      yield field;
      position = field.next;
    }
  }

  /**
   * The content of a string field.
   * @throws UserError BAD_CHECKPOINT if it is longer than `maxBytes`
   */
  async string(content: ByteRange, maxBytes: number): Promise<string> {
    const length = content.end - content.begin;
    if (length > maxBytes) throw damagedFile(this.file.name, `a name is ${length} bytes long`);
    return Buffer.from(await this.view(content.begin, length)).toString('utf8');
  }

  /**
   * The elements of a packed field of integers.
   * @throws UserError BAD_CHECKPOINT if there are more than `maxCount`, or the last one is cut off
   */
  async packedIntegers({ begin, end }: ByteRange, maxCount: number): Promise<bigint[]> {
    const integers: bigint[] = [];
    for (let position = begin; position < end; ) {
      if (integers.length === maxCount) throw damagedFile(this.file.name, `a list has more than ${maxCount} numbers`);
      const { value, next } = await this.varint(position, end);
      integers.push(value);
      position = next;
    }
    return integers;
  }

  private async field(begin: number, end: number): Promise<ProtobufField & { readonly next: number }> {
    const { value: tag, next: position } = await this.varint(begin, end);
    const number = Number(tag >> 3n);
    const wireType = Number(tag & 7n);
    if (number < 1) throw this.noMessage(begin);
    if (wireType === VARINT) {
      const { value, next } = await this.varint(position, end);
      return { number, integer: value, content: undefined, next };
    }
    if (wireType === LENGTH_DELIMITED) {
      const { value: length, next: start } = await this.varint(position, end);
      if (length < 0n || length > BigInt(end - start)) throw this.noMessage(begin);
      const content = { begin: start, end: start + Number(length) };
      return { number, integer: undefined, content, next: content.end };
    }
    const width = wireType === FIXED32 ? 4 : wireType === FIXED64 ? 8 : Number.POSITIVE_INFINITY;
    if (position + width > end) throw this.noMessage(begin);
    return { number, integer: undefined, content: undefined, next: position + width };
  }

  /** @returns the value as a signed 64-bit number, and where the next one begins */
  private async varint(begin: number, end: number): Promise<{ readonly value: bigint; readonly next: number }> {
    const bytes = await this.view(begin, Math.min(MAX_VARINT_BYTES, end - begin));
    let value = 0n;
    for (const [index, byte] of bytes.entries()) {
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return { value: BigInt.asIntN(64, value), next: begin + index + 1 };
    }
    throw this.noMessage(begin);
  }

  /** Valid until the next call. */
  private async view(position: number, length: number): Promise<Uint8Array> {
    const offset = position - this.windowStart;
    if (offset >= 0 && offset + length <= this.window.length) return this.window.subarray(offset, offset + length);
    this.window = await this.file.read(position, Math.min(Math.max(length, WINDOW_BYTES), this.file.size - position));
    this.windowStart = position;
    return this.window.subarray(0, length);
  }

  private noMessage(position: number) {
    return damagedFile(this.file.name, `no field begins at byte ${position}`);
  }
}
