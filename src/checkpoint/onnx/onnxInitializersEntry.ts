import type { ByteRange, ProtobufFile } from './protobufFields.ts';

const KEY = 1;
const VALUE = 2;

/** Names in torch's exports are paths of modules, and file names have at most 255 bytes: this is longer than any. */
export const MAX_STRING_BYTES = 4096;

/**
 * Reads a StringStringEntryProto if it has one of the wanted keys: values of other keys, such as a stack trace, may be long.
 * Source for the field numbers: onnx/onnx.proto.
 * @throws UserError BAD_CHECKPOINT
 */
export async function readStringEntry(
  protobuf: ProtobufFile,
  range: ByteRange,
  wanted: readonly string[],
): Promise<{ readonly key: string; readonly value: string } | undefined> {
  let key: ByteRange | undefined;
  let value: ByteRange | undefined;
  for await (const { number, content } of protobuf.fields(range)) {
    if (number === KEY) key = content;
    if (number === VALUE) value = content;
  }
  const longest = Math.max(...wanted.map((name) => name.length));
  if (key === undefined || value === undefined || key.end - key.begin > longest) return undefined;
  const name = await protobuf.string(key, longest);
  return wanted.includes(name) ? { key: name, value: await protobuf.string(value, MAX_STRING_BYTES) } : undefined;
}
