import { describe, expect, it } from 'vitest';
import { cliFolder } from './cliFolder.ts';
import { jsonLines } from './runCli.ts';
import { LABELS } from './tinyModel.ts';

const cli = cliFolder();
const words = 'fever pain rash swelling seizure died hospital arm drug report taking dose'.split(' ');
// Every label with every word, then what cannot be scored.
const labelled = words.flatMap((word, i) =>
  LABELS.map((label, j) => ({ label, text: `${word} ${words[(i + j) % 5]}` })),
);
const odd = [
  { label: '', text: 'fever' },
  { label: ' \t', text: 'pain' },
  { label: 'Fatal', text: 'died' },
  { label: 'Fatal', text: 'rash' },
  { label: 'serious', text: 'rash' },
  { label: 'D / LT', text: 'rash' },
];
const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
const asCsv = (rows: readonly { label: string; text: string }[]) =>
  `Seriousness,Narrative\n${rows.map(({ label, text }) => `${quoted(label)},${quoted(text)}\n`).join('')}`;
// Nobody sees them, and they do not count.
const blanksAroundSome = ({ label, text }: { label: string; text: string }, index: number) => ({
  label: index % 5 === 0 ? ` ${label}\t` : label,
  text,
});
const file = cli.write('cases.csv', asCsv([...odd, ...labelled.map(blanksAroundSome)]));

/** A line of `predict --format jsonl`, as far as it matters here. */
interface Predicted {
  readonly label: string;
  readonly logits: readonly number[];
}

describe('evaluate', () => {
  it('counts what predict says of the same file', async () => {
    const [evaluated, predicted] = await Promise.all([
      cli.runTiny(['evaluate', file, '--json']),
      cli.runTiny(['predict', file, '--format', 'jsonl']),
    ]);
    expect(evaluated.status).toBe(0);
    const predictions = jsonLines<Predicted>(predicted.stdout).slice(odd.length);
    const confusionMatrix = LABELS.map(() => LABELS.map(() => 0));
    let lossSum = 0;
    for (const [i, { label, logits }] of predictions.entries()) {
      const actual = LABELS.indexOf(labelled[i]?.label ?? '');
      const row = confusionMatrix[actual] ?? [];
      const column = LABELS.indexOf(label);
      row[column] = (row[column] ?? 0) + 1;
      lossSum += Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0)) - (logits[actual] ?? Number.NaN);
    }
    const hits = LABELS.reduce((sum, _, i) => sum + (confusionMatrix[i]?.[i] ?? 0), 0);
    const [evaluation] = jsonLines<Record<string, unknown>>(evaluated.stdout);
    expect(evaluation).toMatchObject({
      records: odd.length + labelled.length,
      scored: labelled.length,
      unlabelled: 2,
      unknownLabels: { Fatal: 2, serious: 1, 'D / LT': 1 },
      labels: [...LABELS],
      confusionMatrix,
      accuracy: expect.closeTo(hits / labelled.length, 12),
      macroF1: expect.any(Number),
      loss: expect.closeTo(lossSum / labelled.length, 6),
    });
    expect(Object.keys(evaluation?.perClass as object)).toEqual([...LABELS]);
    expect(Object.values(evaluation?.perClass as object).map(({ support }) => support)).toEqual(LABELS.map(() => 12));
  });

  it('shows a table to a person', async () => {
    const { status, stdout } = await cli.runTiny(['evaluate', file]);
    expect(status).toBe(0);
    const lines = stdout.toString().split('\n');
    expect(lines[0]).toBe(`${odd.length + labelled.length} records: ${labelled.length} scored, 2 unlabelled`);
    expect(lines).toContain('2 not scored: the model has no label "Fatal"');
    for (const label of LABELS) expect(lines.filter((line) => line.startsWith(label))).toHaveLength(2);
  });

  it.each([
    ['no record', 'Seriousness,Narrative\n', 0, 0],
    ['no label', 'Seriousness,Narrative\n,fever\n,pain\n', 2, 2],
  ])('has no loss for a file with %s', async (_, content, records, unlabelled) => {
    const { status, stdout } = await cli.runTiny(['evaluate', '-', '--json'], content);
    expect(status).toBe(0);
    expect(JSON.parse(stdout.toString())).toMatchObject({ records, unlabelled, scored: 0, loss: null, accuracy: 0 });
  });

  it('counts a record too short for a label as unlabelled', async () => {
    const { stdout } = await cli.runTiny(['evaluate', '-', '--json'], 'Narrative,Seriousness\nfever\npain,D/LT\n');
    expect(JSON.parse(stdout.toString())).toMatchObject({ records: 2, scored: 1, unlabelled: 1 });
  });

  it('scores the columns that are named', async () => {
    const content = 'a,b,c\nD/LT,fever,x\n';
    const { stdout } = await cli.runTiny(['evaluate', '-', '--json', '--text', 'b', '--label', 'a'], content);
    expect(JSON.parse(stdout.toString())).toMatchObject({ scored: 1 });
  });
});
