/**
 * A number that looks uniform in [0, 1) but follows from a seed and a text alone. Not fit for secrets.
 *
 * FNV-1a (Fowler, Noll and Vo) over UTF-16 units, and the finalizer of MurmurHash3 (Austin Appleby), without which texts that
 * differ at their ends only would lie close together.
 * @param seed of which the lowest 32 bits count
 */
export function seededHash(text: string, seed: number): number {
  let hash = mixed(seed ^ 0x811c9dc5);
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (mixed(hash) >>> 0) / 2 ** 32;
}

function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
