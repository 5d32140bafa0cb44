import { describe, expect, it } from 'vitest';
import { quantizationLimit, quantizePerChannel } from '../../src/onnx/quantization.ts';

describe('quantizePerChannel', () => {
  it('transposes, and maps the largest weight of each output to the limit', () => {
    const weight = Float32Array.of(1, -2, 0.5, /* second output */ 10, 0, -40);
    const { values, scales } = quantizePerChannel(weight, 2, 3);
    expect([...scales]).toEqual([2 / 64, 40 / 64]);
    // [inputs, outputs]
    expect([...values]).toEqual([32, 16, -64, 0, 16, -64]);
  });

  it('rounds ties to even', () => {
    const { values } = quantizePerChannel(Float32Array.of(64, 0.5, 1.5, 2.5, -0.5, -1.5), 1, 6);
    expect([...values]).toEqual([64, 0, 2, 2, 0, -2]);
  });

  it('stays within half a step of every weight, also where the sizes are no multiple of the tile', () => {
    const [outputs, inputs] = [131, 67];
    const weight = Float32Array.from(
      { length: outputs * inputs },
      (_, index) => Math.sin(index * 1.7) * (1 + (index % 7)),
    );
    const { values, scales } = quantizePerChannel(weight, outputs, inputs);
    const errors = Array.from(weight, (expected, index) => {
      const [output, input] = [Math.floor(index / inputs), index % inputs];
      const scale = scales[output] ?? Number.NaN;
      return Math.abs(expected - (values[input * outputs + output] ?? Number.NaN) * scale) / scale;
    });
    expect(Math.max(...errors)).toBeLessThanOrEqual(0.5 + 1e-5);
    expect(Math.max(...values.map(Math.abs))).toBe(quantizationLimit);
  });

  it('gives an output without weights a scale that does no harm', () => {
    const { values, scales } = quantizePerChannel(new Float32Array(4), 1, 4);
    expect([...values, ...scales]).toEqual([0, 0, 0, 0, 1]);
  });

  it('keeps two products with the largest activation within 16 bits', () => {
    expect(2 * 255 * quantizationLimit).toBeLessThanOrEqual(32_767);
  });

  it('takes a wrong size for a mistake of the program', () => {
    expect(() => quantizePerChannel(new Float32Array(5), 2, 3)).toThrow('5 elements is not 2 x 3');
  });
});
