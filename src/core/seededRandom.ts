/** Numbers that look random but follow from a seed alone: the same seed gives the same sequence on every machine. */
export interface SeededRandom {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Normal with mean 0 and standard deviation 1. */
  normal(): number;
}

/**
 * A generator of its own for each seed, of which the lowest 32 bits count. Not fit for secrets.
 *
 * Uniform numbers: mulberry32 (Tommy Ettinger, 2017), period 2^32, 32 bits each. Normal numbers: the transform of Box and Muller,
 * "A note on the generation of random normal deviates", 1958, one of its pair.
 */
export function seededRandom(seed: number): SeededRandom {
  let state = seed | 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}
