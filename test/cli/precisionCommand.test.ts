import { describe, expect, it } from 'vitest';
import { cliFolder } from './cliFolder.ts';

const cli = cliFolder();
const words = 'fever pain rash swelling seizure died hospital arm drug report taking dose'.split(' ');
const texts = words.flatMap((a) => words.map((b) => `${a} ${b}`));
const file = cli.write(
  'cases.csv',
  `ID,Narrative\n${texts.map((text, i) => `${i},${text}\n`).join('')}1,\n2,fever fever\n`,
);

describe('precision', () => {
  it('prints the report as JSON, with every narrative once', async () => {
    const { status, stdout } = await cli.runTiny(['precision', file, '--json']);
    expect(status).toBe(0);
    const report = JSON.parse(stdout.toString());
    expect(report).toMatchObject({
      model: 'tiny',
      modelHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      recipe: { name: expect.any(String), description: expect.any(String) },
      available: texts.length,
      comparison: { count: texts.length },
    });
    expect(report.comparison.flips).toHaveLength(report.flippedTexts.length);
    expect(report.comparison.meanDifference).toBeGreaterThan(0);
    expect(report.secondsPer100Texts.fp32).toBeGreaterThan(0);
  });

  it('names records that predict, too, labels otherwise in int8', async () => {
    const labels = async (precision: string) => {
      const { stdout } = await cli.runTiny(['predict', file, '--format', 'jsonl', '--precision', precision]);
      const lines = stdout.toString().trimEnd().split('\n');
      return lines.map((line) => (JSON.parse(line) as { label: string }).label);
    };
    const [fp32, int8, { stdout }] = await Promise.all([
      labels('fp32'),
      labels('int8'),
      cli.runTiny(['precision', file, '--json']),
    ]);
    const differing = texts.flatMap((_, record) => (fp32[record] === int8[record] ? [] : [record]));
    expect(JSON.parse(stdout.toString()).flippedTexts).toEqual(differing);
  });

  it('tells a person, of a sample', async () => {
    const { status, stdout } = await cli.runTiny(['precision', file, '--sample', '20']);
    expect(status).toBe(0);
    expect(stdout.toString()).toMatch(/^int8 against fp32 on 20 of your narratives: \d+ labels? differs? /);
    expect(stdout.toString()).toContain(`sample: 20 of ${texts.length} different narratives`);
  });

  it('refuses a file without narratives', async () => {
    const { status, stderr } = await cli.runTiny(['precision', '-'], 'ID,Narrative\n1,\n2, \n');
    expect(status).toBe(1);
    expect(stderr).toMatch(/error\[EMPTY_FILE\]: .* has no narrative .*\.\n$/);
  });

  it.each([[['precision']], [['precision', 'a.csv', 'b.csv']], [['precision', 'a.csv', '--sample', '0']]])(
    'is wrong usage as %j',
    async (args) => {
      expect((await cli.runTiny(args)).status).toBe(2);
    },
  );
});
