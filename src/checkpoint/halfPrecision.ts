/** The exponent of float32 is biased by 127, that of float16 by 15: the difference, at the place of float32's exponent. */
const EXPONENT_SHIFT = (127 - 15) << 23;
const SMALLEST_SUBNORMAL_HALF = 2 ** -24;

/** Widens IEEE 754 binary16 bit patterns to float32; exact, NaN payloads are kept. */
export function halfToFloat(bits: Uint16Array): Float32Array {
  const floats = new Float32Array(bits.length);
  const words = new Uint32Array(floats.buffer);
  for (let index = 0; index < bits.length; index++) {
    const half = bits[index] as number;
    const sign = (half & 0x8000) << 16;
    const magnitude = half & 0x7fff;
    if (magnitude >= 0x7c00) words[index] = sign | 0x7f800000 | ((magnitude & 0x3ff) << 13);
    else if (magnitude >= 0x400) words[index] = sign | ((magnitude << 13) + EXPONENT_SHIFT);
    else floats[index] = (sign === 0 ? magnitude : -magnitude) * SMALLEST_SUBNORMAL_HALF;
  }
  return floats;
}

/** Widens bfloat16 bit patterns, which are the upper halves of float32, to float32; exact. */
export function bfloat16ToFloat(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let index = 0; index < bits.length; index++) words[index] = (bits[index] as number) << 16;
  return new Float32Array(words.buffer);
}

/**
 * Rounds float32 to IEEE 754 binary16 bit patterns: to nearest, ties to even; beyond 65,519.99 to infinity; NaN stays NaN.
 */
export function floatToHalf(floats: Float32Array): Uint16Array {
  const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const bits = new Uint16Array(floats.length);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as number;
    const sign = (word >>> 16) & 0x8000;
    bits[index] = sign | halfMagnitude(word & 0x7fffffff);
  }
  return bits;
}

function halfMagnitude(magnitude: number): number {
  if (magnitude > 0x7f800000) return 0x7e00 | ((magnitude >>> 13) & 0x3ff);
  if (magnitude >= 0x477ff000) return 0x7c00;
  if (magnitude >= 0x38800000) return roundShift(magnitude - EXPONENT_SHIFT, 13);
  // Below 2^-14 a half has no hidden bit: the significand moves right until the exponent is -14.
  const shift = 126 - (magnitude >>> 23);
  return shift > 24 ? 0 : roundShift((magnitude & 0x7fffff) | 0x800000, shift);
}

/** Shifts right by 1 to 24 and rounds what falls off to nearest, ties to even; a carry runs on into the exponent. */
function roundShift(value: number, shift: number): number {
  const kept = value >>> shift;
  const lost = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return lost > half || (lost === half && (kept & 1) === 1) ? kept + 1 : kept;
}
