import type { DropoutSite } from './tapedGraph.ts';

/** The sizes of a batch: B texts of T tokens in all, the longest of S. */
export interface BatchSizes {
  readonly texts: number;
  readonly tokens: number;
  readonly longest: number;
}

/** Values of 16 bits that a mask's elements are drawn from. */
const DRAWS = 2 ** 16;

/**
 * Draws masks of dropout for a step. A mask keeps an element with probability 1 - p, to a 65,536th, and then holds 1 / (1 - p).
 * Generator: xorshift32, two draws a number. Source: Marsaglia, "Xorshift RNGs", 2003
 */
export class DropoutMasks {
  /** Memory that is drawn into again in every step. */
  private memory = new Float32Array(0);

  constructor(
    private readonly sites: readonly DropoutSite[],
    private readonly share: number,
  ) {}

  /** A mask for each site, by its name; they are good until the next call. */
  draw(
    seed: number,
    sizes: BatchSizes,
  ): Map<string, { readonly mask: Float32Array; readonly dims: readonly number[] }> {
    const shaped = this.sites.map((site) => ({ name: site.name, dims: dimsOf(site, sizes) }));
    const counts = shaped.map(({ dims }) => dims.reduce((product, size) => product * size, 1));
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (this.memory.length < total) this.memory = new Float32Array(total);
    fill(this.memory.subarray(0, total), seed, this.share);
    let start = 0;
    return new Map(
      shaped.map(({ name, dims }, index) => {
        const mask = this.memory.subarray(start, start + (counts[index] ?? 0));
        start += mask.length;
        return [name, { mask, dims }];
      }),
    );
  }
}

function fill(mask: Float32Array, seed: number, share: number): void {
  const dropped = Math.round(share * DRAWS);
  const kept = DRAWS / (DRAWS - dropped);
  // Neighbouring seeds must not give neighbouring streams; zero would stay zero.
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ (seed >>> 16) || 1;
  for (let index = 0; index < mask.length; index += 2) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    mask[index] = (state & 0xffff) < dropped ? 0 : kept;
    // Past the end of an array of odd length nothing is written.
    mask[index + 1] = state >>> 16 < dropped ? 0 : kept;
  }
}

function dimsOf({ shape, width }: DropoutSite, { texts, tokens, longest }: BatchSizes): number[] {
  switch (shape) {
    case 'tokens':
      return [tokens, width];
    case 'texts':
      return [texts, width];
    case 'attention':
      return [texts, width, longest, longest];
    case 'cls-attention':
      return [texts, width, 1, longest];
  }
}
