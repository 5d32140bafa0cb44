import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { adamStep, applyAdam } from '../../../src/training/network/adam.ts';
import { adamConstants } from '../../../src/training/trainingEngine.ts';

const addon = createRequire(import.meta.url)('../../../dist/tensorflow_addon.node');

// More than one thread has a share of the largest.
it.each([
  [7, 1],
  [65_536, 2],
  [200_001, 1],
  [200_001, 2],
  [200_001, 3],
])('Adam in native code is that in JavaScript: %i elements, %i threads', (count, threads) => {
  const wave = (factor: number, shift: number) =>
    Float32Array.from({ length: count }, (_, at) => factor * Math.sin(at * 0.7 + shift));
  const [weights, gradient] = [wave(0.5, 1), wave(1e-2, 2)];
  const moments = { first: wave(1e-3, 3), second: wave(1e-4, 4).map(Math.abs) };
  const expected = { weights: weights.slice(), first: moments.first.slice(), second: moments.second.slice() };
  const step = adamStep(3, 1e-3, 0.8);
  applyAdam(expected.weights, expected, gradient, 0, step, 0.99);
  const { beta1, beta2, epsilon } = adamConstants;
  const { stepSize, inverseCorrection, gradientScale } = step;
  const coefficients = [beta1, beta2, epsilon, stepSize, inverseCorrection, gradientScale, 0.99, threads];
  addon.applyAdam(weights, moments.first, moments.second, gradient, Float64Array.from(coefficients));
  const furthest = (a: Float32Array, b: Float32Array) =>
    a.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] ?? Number.NaN))), 0);
  expect(furthest(weights, expected.weights)).toBeLessThan(1e-6);
  expect(furthest(moments.first, expected.first)).toBeLessThan(1e-8);
  expect(furthest(moments.second, expected.second)).toBeLessThan(1e-9);
});
