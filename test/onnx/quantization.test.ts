import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestPairSum, quantizePerChannel } from '../../src/onnx/quantization.ts';

/** [outputs][inputs] of [inputs, outputs]. */
const byOutput = (values: Int8Array, outputs: number) =>
  Array.from({ length: outputs }, (_, output) => [...values].filter((_, index) => index % outputs === output));

/** What two neighbours come to at worst, whatever the activations: those of the other sign may be zero. */
function worstPair(row: readonly number[]): number {
  let worst = 0;
  for (let input = 0; input < row.length; input += 2) {
    const pair = row.slice(input, input + 2);
    const sum = (sign: number) => pair.reduce((total, value) => total + Math.max(0, sign * value), 0);
    worst = Math.max(worst, sum(1), sum(-1));
  }
  return worst;
}

const rows = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 9 })).chain(([outputs, inputs]) =>
  fc.record({
    outputs: fc.constant(outputs),
    inputs: fc.constant(inputs),
    weight: fc
      .array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 }), {
        minLength: outputs * inputs,
        maxLength: outputs * inputs,
      })
      .map((values) => Float32Array.from(values)),
  }),
);

describe('quantizePerChannel', () => {
  it('transposes, and maps the largest pair of each output to 127', () => {
    // Pairs: 1 and -2 differ in sign, 0.5 stands alone; 10 and 0; -30 and -20 add up.
    const weight = Float32Array.of(1, -2, 0.5, 0, /* second output */ 10, 0, -30, -20);
    const { values, scales } = quantizePerChannel(weight, 2, 4);
    expect([...scales]).toEqual([Math.fround(2 / 127), Math.fround(50 / 127)]);
    expect(byOutput(values, 2)).toEqual([
      [64, -127, 32, 0],
      [25, 0, -76, -51],
    ]);
  });

  it('rounds ties to even', () => {
    const { values } = quantizePerChannel(Float32Array.of(127, -127, 0.5, 1.5, 2.5, -0.5, -1.5, 0), 1, 8);
    expect([...values]).toEqual([127, -127, 0, 2, 2, 0, -2, 0]);
  });

  it('keeps the sums of neighbours within 16 bits for every activation, which processors without VNNI need', () => {
    expect(255 * largestPairSum).toBeLessThanOrEqual(32_767);
    fc.assert(
      fc.property(rows, ({ weight, outputs, inputs }) => {
        const { values } = quantizePerChannel(weight, outputs, inputs);
        for (const row of byOutput(values, outputs)) expect(worstPair(row)).toBeLessThanOrEqual(largestPairSum);
      }),
    );
  });

  it('uses nearly all of the range', () => {
    fc.assert(
      fc.property(rows, ({ weight, outputs, inputs }) => {
        const { values, scales } = quantizePerChannel(weight, outputs, inputs);
        for (const [output, row] of byOutput(values, outputs).entries()) {
          if (scales[output] !== 1) expect(worstPair(row)).toBeGreaterThanOrEqual(largestPairSum - 2);
        }
      }),
    );
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
  });

  it('gives an output without weights a scale that does no harm', () => {
    const { values, scales } = quantizePerChannel(new Float32Array(4), 1, 4);
    expect([...values, ...scales]).toEqual([0, 0, 0, 0, 1]);
  });

  it('takes a wrong size for a mistake of the program', () => {
    expect(() => quantizePerChannel(new Float32Array(5), 2, 3)).toThrow('5 elements is not 2 x 3');
  });
});
