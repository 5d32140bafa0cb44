import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cliFolder } from './cliFolder.ts';
import { LABELS } from './tinyModel.ts';

const cli = cliFolder();
const shared = path.resolve(import.meta.dirname, '../../../shared');
const defaultGolden = path.join(shared, 'models/seriousness-minilm-l6/golden.json');
const tinyGolden = path.join(shared, 'data/tiny_models/formats/golden_logits.json');
const tinySeriousness = path.join(shared, 'data/tiny_models/formats/tiny_seriousness');

/** A text of `classify --json`. */
interface Classified {
  readonly label: string;
  readonly confidence: number;
  readonly probabilities: Readonly<Record<string, number>>;
  readonly logits: readonly number[];
  readonly truncated: boolean;
}

/** Logits that PyTorch gave. */
interface Golden {
  readonly cases: readonly { text: string; logits: readonly number[]; maxLength?: number }[];
}

const parse = (stdout: Buffer) => JSON.parse(stdout.toString()) as Classified[];

/** The largest difference of a logit. */
function largestDifference(found: readonly Classified[], expected: Golden['cases']): number {
  expect(found).toHaveLength(expected.length);
  const differences = expected.flatMap(({ logits }, i) => {
    expect(found[i]?.logits).toHaveLength(logits.length);
    return logits.map((logit, j) => Math.abs(logit - (found[i]?.logits[j] ?? Number.NaN)));
  });
  return Math.max(...differences);
}

describe('classify', () => {
  it('prints a line a text: label, confidence, and the probabilities of all labels', async () => {
    const { status, stdout } = await cli.runTiny(['classify', 'fever and pain', 'died', '']);
    expect(status).toBe(0);
    const lines = stdout.toString().trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      expect(line).toMatch(
        /^(.+) \d+\.\d %\tD\/LT \d+\.\d %, Non-serious \d+\.\d %, Serious, "hospitalized" \d+\.\d %$/,
      );
    }
  });

  it('says how much of a long text was read', async () => {
    const { stdout } = await cli.runTiny(['classify', 'fever '.repeat(100), '--max-length', '12']);
    expect(stdout.toString()).toMatch(/ \(only the first 12 tokens were read\)\n$/);
  });

  it('prints JSON with everything a pipeline call gives', async () => {
    const { stdout } = await cli.runTiny(['classify', 'fever', '--json']);
    const [only, ...more] = parse(stdout);
    expect(more).toEqual([]);
    expect(Object.keys(only ?? {})).toEqual(['label', 'confidence', 'probabilities', 'logits', 'truncated']);
    expect(Object.keys(only?.probabilities ?? {})).toEqual([...LABELS]);
    expect(Object.values(only?.probabilities ?? {}).reduce((sum, value) => sum + value)).toBeCloseTo(1, 12);
    expect(only?.confidence).toBe(only?.probabilities[only.label]);
  });

  it('reads one text a line from standard input, among others', async () => {
    const input = 'pain\r\n\r\ndied';
    const mixed = await cli.runTiny(['classify', 'fever', '-', 'rash', '--json'], input);
    const given = await cli.runTiny(['classify', 'fever', 'pain', '', 'died', 'rash', '--json']);
    expect(parse(mixed.stdout)).toEqual(parse(given.stdout));
  });
});

describe.skipIf(!existsSync(defaultGolden))('classify with the built-in model', () => {
  it('gives the logits of PyTorch for 40 texts', async () => {
    const { cases } = JSON.parse(readFileSync(defaultGolden, 'utf8')) as Golden;
    expect(cases).toHaveLength(40);
    const texts = cases.map(({ text }) => text);
    const { stdout } = await cli.run(['classify', '--json', '--precision', 'fp32', '--', ...texts]);
    expect(largestDifference(parse(stdout), cases)).toBeLessThan(1e-4);
  });
});

describe.skipIf(!existsSync(tinyGolden))('classify with a model that was saved by transformers', () => {
  it('gives the logits on which PyTorch, TensorFlow and ONNX agree', async () => {
    const { cases } = JSON.parse(readFileSync(tinyGolden, 'utf8')) as Golden;
    const lengths = [...new Set(cases.map(({ maxLength }) => maxLength))];
    for (const maxLength of lengths) {
      const some = cases.filter((each) => each.maxLength === maxLength);
      const options = ['--model', tinySeriousness, '--json', '--max-length', String(maxLength)];
      const { stdout } = await cli.run(['classify', ...options, '--', ...some.map(({ text }) => text)]);
      expect(largestDifference(parse(stdout), some)).toBeLessThan(1e-4);
    }
  });
});
