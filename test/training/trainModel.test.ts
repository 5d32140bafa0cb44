import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { editorRecipe, notebookRecipe, type TrainingRecipe } from '../../src/core/training/trainingRecipe.ts';
import { readManifest, verifyFiles } from '../../src/models/manifest.ts';
import { RunCheckpoint } from '../../src/training/runCheckpoint.ts';
import type { TrainingEvent } from '../../src/training/trainingEvent.ts';
import type { TrainingRecord, TrainingRun } from '../../src/training/trainingRun.ts';
import { trainModel } from '../../src/training/trainModel.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { trainingRecords } from '../support/trainingRecords.ts';

const BASE = path.resolve('test/fixtures/architectures/bert');
const recipe: TrainingRecipe = { ...notebookRecipe, epochs: 3, learningRate: 2e-3, maxLength: 24 };

function runOf(change: Partial<TrainingRun> = {}): TrainingRun {
  const folder = temporaryFolder();
  return {
    base: BASE,
    records: trainingRecords(90),
    data: [{ file: 'records.csv', sha256: 'a'.repeat(64) }],
    recipe,
    engine: 'auto',
    threads: 1,
    name: 'trained',
    staging: path.join(folder, 'staging'),
    cacheDirectory: path.join(folder, 'cache'),
    tensorflowRoot: folder,
    ...change,
  };
}

async function trained(change: Partial<TrainingRun> = {}, signal?: AbortSignal) {
  const run = runOf(change);
  const directory = path.join(temporaryFolder(), 'model');
  mkdirSync(directory);
  const events: TrainingEvent[] = [];
  const result = await trainModel(run, directory, {
    onEvent: (event) => events.push(event),
    ...(signal && { signal }),
  });
  const weights = createHash('sha256')
    .update(readFileSync(path.join(directory, 'model.safetensors')))
    .digest('hex');
  const of = <Type extends TrainingEvent['type']>(type: Type) =>
    events.filter((event): event is Extract<TrainingEvent, { type: Type }> => event.type === type);
  return { run, directory, of, weights, ...result };
}

describe('trainModel', () => {
  // What a frozen encoder of random weights makes of a text helps a head little.
  it.each([
    ['full', 0.8],
    ['last-1', 0.8],
    ['head', 0.95],
  ] as const)('learns from the records: %s', async (scope, share) => {
    const { of, outcome } = await trained({ recipe: { ...recipe, scope, epochs: 12, learningRate: 1e-2 } });
    const epochs = of('epoch');
    expect(epochs).toHaveLength(12);
    expect(epochs.at(-1)?.trainLoss).toBeLessThan((epochs[0]?.trainLoss ?? 0) * share);
    expect(outcome).toMatchObject({ engine: 'onnxruntime', epoch: 12, epochs: 12, stoppedEarly: false });
    expect(outcome.report?.scored).toBe(outcome.validationRecords);
    expect(of('step').map(({ step }) => step)).toEqual(
      Array.from({ length: of('start')[0]?.steps ?? 0 }, (_, i) => i + 1),
    );
  });

  it('writes a model directory whose manifest says what it was made of', async () => {
    const { directory, manifest, outcome } = await trained();
    expect(readdirSync(directory).sort()).toEqual([
      'caselight.json',
      'config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    const written = await readManifest(directory);
    expect(written).toEqual(manifest);
    expect(await verifyFiles(directory, manifest)).toEqual([]);
    expect(manifest).toMatchObject({
      name: 'trained',
      data: { files: [{ file: 'records.csv' }], trainRecords: outcome.trainRecords },
      hyperParameters: recipe,
      engine: { name: 'onnxruntime', threads: 1 },
      metrics: { epoch: 3, accuracy: outcome.report?.accuracy },
    });
    expect(JSON.stringify(manifest)).not.toMatch(/fever|seizure/);
  });

  it('says where records that were never checked were left out', async () => {
    const [all, some] = [await trained(), await trained({ onlyChecked: true })];
    expect(some.manifest.data).toEqual({ ...all.manifest.data, onlyChecked: true });
    expect(some.of('start')[0]?.onlyChecked).toBe(true);
    expect(all.of('start')[0]).not.toHaveProperty('onlyChecked');
  });

  it('gives the same weights for the same seed, and others for another', async () => {
    const [first, second, other] = [
      await trained(),
      await trained(),
      await trained({ recipe: { ...recipe, seed: 7 } }),
    ];
    expect(second.weights).toBe(first.weights);
    expect(other.weights).not.toBe(first.weights);
  });

  it('gives the same weights from cached hidden states, and from a damaged cache', async () => {
    const run = runOf({ recipe: { ...recipe, scope: 'last-1' } });
    const first = await trained(run);
    const again = await trained(run);
    expect(first.of('preparing').length).toBeGreaterThan(0);
    expect(again.of('preparing')).toEqual([]);
    expect(again.weights).toBe(first.weights);
    const [set = ''] = readdirSync(path.join(run.cacheDirectory, 'hidden-states'));
    const files = readdirSync(path.join(run.cacheDirectory, 'hidden-states', set));
    expect(files.length).toBe(90);
    for (const [index, file] of files.entries()) {
      const place = path.join(run.cacheDirectory, 'hidden-states', set, file);
      if (index % 2 === 0) truncateSync(place, 100);
      else writeFileSync(place, readFileSync(place).fill(7, 0, 4));
    }
    expect((await trained(run)).weights).toBe(first.weights);
  });

  it.each<[string, TrainingRecipe]>([
    ['Adam', { ...recipe, dropout: 0.1 }],
    // Weight decay changes rows of the embeddings that no batch reads, and validation reads rows that no batch has read.
    ['AdamW', { ...editorRecipe, epochs: 3, learningRate: 2e-3, maxLength: 24, weightDecay: 0.05 }],
  ])('goes on where it was stopped, to the same weights: %s', async (_, of) => {
    const whole = await trained({ recipe: of });
    for (const epoch of [2, 3]) {
      const run = runOf({ recipe: of });
      const abort = new AbortController();
      const directory = path.join(temporaryFolder(), 'model');
      mkdirSync(directory);
      const stopped = trainModel(run, directory, {
        signal: abort.signal,
        onEvent: (event) => event.type === 'step' && event.epoch === epoch && abort.abort(),
      });
      await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(readdirSync(directory)).toEqual([]);
      const before = Array.from({ length: epoch - 1 }, (_, index) => ({ epoch: index + 1 }));
      expect(await new RunCheckpoint(run.staging).read()).toMatchObject({ epochs: 3, history: before });
      const resumed = await trained({ ...run, mustGoOn: true });
      expect(resumed.of('epoch').map((event) => event.epoch)).toEqual([2, 3].slice(epoch - 2));
      expect(resumed.of('start')[0]?.resumedFrom).toBeGreaterThan(0);
      expect(resumed.of('start')[0]?.history).toEqual(
        whole
          .of('epoch')
          .slice(0, epoch - 1)
          .map((each) => ({ ...each, seconds: expect.any(Number) })),
      );
      expect(resumed.weights).toBe(whole.weights);
      expect(await new RunCheckpoint(run.staging).read()).toBeUndefined();
    }
  });

  it('starts anew where the run that was cut off had other settings, unless it must go on', async () => {
    const run = runOf();
    const abort = new AbortController();
    const directory = path.join(temporaryFolder(), 'model');
    mkdirSync(directory);
    await expect(
      trainModel(run, directory, {
        signal: abort.signal,
        onEvent: (event) => event.type === 'epoch' && abort.abort(),
      }),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
    const changed = { ...run, recipe: { ...recipe, batchSize: 4 } };
    await expect(trained({ ...changed, mustGoOn: true })).rejects.toMatchObject({ code: 'RUN_CHANGED' });
    expect(await new RunCheckpoint(run.staging).read()).toMatchObject({ history: [{ epoch: 1 }] });
    const other = await trained(changed);
    expect(other.of('epoch')).toHaveLength(3);
    expect(other.of('note')[0]?.message).toMatch(/had other records or settings/);
  });

  it('keeps the best epoch, and stops early', async () => {
    const { outcome, of } = await trained({
      recipe: { ...editorRecipe, epochs: 40, learningRate: 1e-2, maxLength: 24, patience: 2 },
    });
    const epochs = of('epoch');
    const best = epochs.findLast(({ best }) => best)?.epoch ?? 0;
    expect(outcome).toMatchObject({ epoch: best, epochs: epochs.length, stoppedEarly: epochs.length < 40 });
    expect(outcome.report).toEqual(epochs[best - 1]?.validation);
    expect(epochs.length).toBe(Math.min(40, best + 2));
  });

  it('compares with the model that it starts from, where that has the labels', async () => {
    const known = await trained();
    expect(known.outcome.baseReport?.scored).toBe(known.outcome.validationRecords);
    const renamed = trainingRecords(60).map(({ text, label }) => ({ text, label: label.toLowerCase() }));
    const other = await trained({ records: renamed });
    expect(other.outcome.baseReport).toBeUndefined();
    expect(other.of('start')[0]?.labels).toEqual(['d/lt', 'non-serious', 'serious']);
    expect(known.of('note')).toEqual([]);
    expect(other.of('note').map(({ message }) => message)).toEqual([
      'The model that training starts from does not know the labels "d/lt", "non-serious" and "serious", so a fresh classification head takes the place of its own: where they are a mistake in the records, correct them and train again.',
    ]);
  });

  it('names a few labels that the base does not know', async () => {
    const more = (count: number) =>
      trainingRecords(90).map(({ text, label }, id) => ({ text, label: id < 2 * count ? `new ${id % count}` : label }));
    const [one, five] = [await trained({ records: more(1) }), await trained({ records: more(5) })];
    const notes = [one, five].map(({ of }) => of('note').find(({ message }) => /does not know/.test(message))?.message);
    expect(notes[0]).toMatch(/the label "new 0", so .* where it is a mistake/);
    expect(notes[1]).toMatch(/the labels "new 0", "new 1", "new 2" and 2 more, so .* where they are a mistake/);
  });

  it('takes a label with white space around it as the one without', async () => {
    const plain = await trained({ validationRecords: trainingRecords(21, 99) });
    const blanks = (records: readonly TrainingRecord[]) =>
      records.map(({ text, label }, id) => ({ text, label: id % 3 === 0 ? ` ${label}\t` : label }));
    const other = await trained({
      records: blanks(trainingRecords(90)),
      validationRecords: blanks(trainingRecords(21, 99)),
    });
    expect(other.of('start')).toEqual(plain.of('start'));
    expect(other.weights).toBe(plain.weights);
    expect(other.outcome.report).toEqual(plain.outcome.report);
  });

  it('keeps a class of the base that has no records', async () => {
    const { of } = await trained({ records: trainingRecords(90).filter(({ label }) => label !== 'D/LT') });
    expect(of('start')[0]?.labels).toEqual(['D/LT', 'Non-serious', 'Serious']);
  });

  it('validates on records of their own', async () => {
    const { outcome } = await trained({ validationRecords: trainingRecords(21, 99) });
    expect([outcome.trainRecords, outcome.validationRecords]).toEqual([90, 21]);
  });

  it('trains without validation', async () => {
    const { outcome } = await trained({ recipe: { ...recipe, validation: 0 } });
    expect([outcome.trainRecords, outcome.validationRecords, outcome.report]).toEqual([90, 0, undefined]);
  });

  it.each<[string, Partial<TrainingRun>, string, RegExp]>([
    [
      'one class only',
      { records: trainingRecords(9).map(({ text }) => ({ text, label: 'x' })) },
      'TOO_FEW_RECORDS',
      /another class/,
    ],
    [
      'a learning rate that is too high',
      { recipe: { ...recipe, learningRate: 1e30 } },
      'TRAINING_DIVERGED',
      /lower learning rate/,
    ],
    ['an engine that is not there', { engine: 'tensorflow' }, 'ENGINE_NOT_INSTALLED', /onnxruntime/],
    ['a base that is not there', { base: 'nowhere' }, 'MODEL_NOT_FOUND', /nowhere/],
  ])('ends with a sentence, and writes nothing, at %s', async (_, change, code, message) => {
    const run = runOf(change);
    const directory = path.join(temporaryFolder(), 'model');
    mkdirSync(directory);
    const result = trainModel(run, directory, { onEvent: () => {} });
    await expect(result).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(readdirSync(directory)).toEqual([]);
  });
});
