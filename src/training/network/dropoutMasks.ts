import type { DropoutSite } from './operators.ts';

/** The sizes of a batch: B texts of T tokens in all, the longest of S. */
export interface BatchSizes {
  readonly texts: number;
  readonly tokens: number;
  readonly longest: number;
}

/** Values of 16 bits that a mask's elements are drawn from. */
const DRAWS = 2 ** 16;

/** A mask for one site, in its shape. */
export interface DropoutMask {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/**
 * Draws masks of dropout. A mask keeps an element with probability 1 - p, to a 65,536th, and then holds 1 / (1 - p).
 * Generator: xorshift32, two draws a number. Source: Marsaglia, "Xorshift RNGs", 2003
 */
export class DropoutMasks {
  /** Of each site in the order of a step; it is drawn into again in every step. */
  private readonly memory: Float32Array[] = [];
  private drawn = 0;
  private state = 1;
  private sizes: BatchSizes = { texts: 0, tokens: 0, longest: 0 };

  /** @param share of elements that are dropped */
  constructor(private readonly share: number) {}

  /** To be called before the masks of a step are drawn; those of the last step are good until then. */
  begin(seed: number, sizes: BatchSizes): void {
    // Neighbouring seeds must not give neighbouring streams; zero would stay zero.
    this.state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ (seed >>> 16) || 1;
    this.sizes = sizes;
    this.drawn = 0;
  }

  /** The mask of the next site; sites are to come in the same order in every step. */
  draw(site: DropoutSite): DropoutMask {
    const dims = dimsOf(site, this.sizes);
    const count = dims.reduce((product, size) => product * size, 1);
    const at = this.drawn++;
    let memory = this.memory[at];
    if (memory === undefined || memory.length < count) {
      memory = new Float32Array(count);
      this.memory[at] = memory;
    }
    const data = memory.subarray(0, count);
    this.fill(data);
    return { data, dims };
  }

  private fill(mask: Float32Array): void {
    const dropped = Math.round(this.share * DRAWS);
    const kept = DRAWS / (DRAWS - dropped);
    let { state } = this;
    for (let index = 0; index < mask.length; index += 2) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      mask[index] = (state & 0xffff) < dropped ? 0 : kept;
      // Past the end of an array of odd length nothing is written.
      mask[index + 1] = state >>> 16 < dropped ? 0 : kept;
    }
    this.state = state;
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
