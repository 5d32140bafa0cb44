import { expect, it } from 'vitest';
import { sizeText } from '../../src/core/sizeText.ts';

it.each([
  [0, '0 kB'],
  [42_956, '43 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [9_940_000, '9.9 MB'],
  [9_960_000, '10 MB'],
  [433_247_288, '433 MB'],
])('shows %d bytes as %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});
