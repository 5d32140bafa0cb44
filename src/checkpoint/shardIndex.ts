import { UserError } from '../core/userError.ts';

/** A name in the index names a file beside it and nothing else. */
const SHARD_NAME = /^[\w.-]+\.safetensors$/;

/**
 * Reads the index of a sharded checkpoint.
 * @returns tensor name to base name of the file that holds it
 * @throws UserError BAD_CHECKPOINT
 */
export function parseShardIndex(text: string, fileName: string): Map<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new UserError('BAD_CHECKPOINT', `${fileName} is not JSON: copy or download it again.`, { cause });
  }
  const weights = (parsed as { weight_map?: unknown } | null)?.weight_map;
  if (typeof weights !== 'object' || weights === null) throw damagedIndex(fileName, 'it has no weight_map');
  return new Map(
    Object.entries(weights).map(([tensor, shard]) => {
      if (typeof shard !== 'string' || !SHARD_NAME.test(shard))
        throw damagedIndex(fileName, `${tensor} has no valid file`);
      return [tensor, shard];
    }),
  );
}

/** The refusal of an index that cannot be right. */
export function damagedIndex(fileName: string, detail: string): UserError {
  return new UserError('BAD_CHECKPOINT', `${fileName} is damaged (${detail}): copy or download all its files again.`);
}
