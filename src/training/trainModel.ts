import { createHash } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseConfigObject } from '../checkpoint/bertConfig.ts';
import { bertTensorShapes, huggingFaceNames } from '../checkpoint/bertTensors.ts';
import { openCheckpoint } from '../checkpoint/openCheckpoint.ts';
import { throwIfCancelled } from '../core/cancellation.ts';
import { sizeText } from '../core/sizeText.ts';
import { classWeights } from '../core/training/classWeights.ts';
import { trainingProblems } from '../core/training/trainingProblems.ts';
import { firstTrainedLayer } from '../core/training/trainingRecipe.ts';
import { UserError } from '../core/userError.ts';
import { carriedTokenizer } from '../models/carriedTokenizer.ts';
import { classifierConfig } from '../models/classifierConfig.ts';
import { describeModel, type ModelDescription, readModelFile } from '../models/describeModel.ts';
import type { ModelManifest } from '../models/manifest.ts';
import { effectiveMaxLength } from '../models/maxLength.ts';
import { asJson, ModelDirectoryWriter } from '../models/modelDirectoryWriter.ts';
import { loadModelTokenizer } from '../models/modelTokenizer.ts';
import { chooseEngine } from './chooseEngine.ts';
import { computeFrozen } from './computeFrozen.ts';
import { evaluateSession } from './evaluateSession.ts';
import { FrozenCache } from './frozenCache.ts';
import { proveTrained } from './proveTrained.ts';
import { RunCheckpoint, type RunState } from './runCheckpoint.ts';
import { type StartingPoint, startingPoint } from './startingPoint.ts';
import { TensorTableSource } from './tensorTableSource.ts';
import { stepsPerEpoch, type TrainerRecords, type TrainerResult, train } from './trainer.ts';
import { divideRecords, type EncodedRecords, encodeRecords, type SplitRecords } from './trainingData.ts';
import type { TrainingEngine, TrainingSession } from './trainingEngine.ts';
import type { TrainingEvent } from './trainingEvent.ts';
import { availableMemoryBytes, trainedTensors, trainingMemoryBytes } from './trainingMemory.ts';
import type { TrainingOutcome, TrainingRun } from './trainingRun.ts';

/** What `trainModel` gets beside the run. */
export interface TrainingContext {
  readonly signal?: AbortSignal;
  readonly onEvent: (event: TrainingEvent) => void;
}

/** A model directory that was written, and how the model did. */
export interface TrainedModel {
  readonly manifest: ModelManifest;
  readonly outcome: TrainingOutcome;
}

/** Everything that was looked up before the first step. */
interface Prepared {
  readonly run: TrainingRun;
  readonly context: TrainingContext;
  readonly base: ModelDescription;
  readonly original: Readonly<Record<string, unknown>>;
  readonly start: StartingPoint;
  readonly split: SplitRecords;
  readonly engine: TrainingEngine;
  readonly checkpoint: RunCheckpoint;
}

/**
 * Fine-tunes a model and writes it into an empty folder that the caller publishes, or removes where this throws. The model that
 * it starts from is only read. A run that was cut off goes on from its last epoch when it is called again with the same run.
 * @throws UserError TOO_FEW_RECORDS, OUT_OF_MEMORY, IO_ERROR, ENGINE_NOT_INSTALLED, TRAINING_DIVERGED, TRAINING_FAILED,
 *   RUN_CHANGED, CANCELLED, or what is wrong with the base model
 */
export async function trainModel(run: TrainingRun, directory: string, context: TrainingContext): Promise<TrainedModel> {
  const began = performance.now();
  const { recipe } = run;
  const note = (message: string) => context.onEvent({ type: 'note', message });
  const split = divideRecords(run.records, run.validationRecords, recipe);
  const counts = countLabels(split);
  for (const problem of trainingProblems(counts)) note(problem);
  if (split.unknownLabels > 0) {
    note(`${split.unknownLabels} validation records have labels that no training record has: they are not scored.`);
  }
  const base = await describeModel(run.base);
  const original = parseConfigObject(await readModelFile(base.directory, 'config.json'));
  const engine = await chooseEngine(run.engine);
  const source = await openCheckpoint(base.directory);
  try {
    const start = startingPoint(source, original, split.labels, recipe.seed);
    await checkRoom(start, run);
    const checkpoint = new RunCheckpoint(run.staging);
    const prepared: Prepared = { run, context, base, original, start, split, engine, checkpoint };
    await refuseAnotherRun(prepared);
    throwIfCancelled(context.signal);
    const session = await engine.open({
      config: start.config,
      readWeights: start.readWeights,
      scope: recipe.scope,
      optimizer: recipe,
      dropout: recipe.dropout,
      threads: run.threads,
    });
    try {
      return await trainAndWrite(prepared, session, counts, directory, began);
    } finally {
      await session.dispose();
    }
  } finally {
    await source.close();
  }
}

async function trainAndWrite(
  prepared: Prepared,
  session: TrainingSession,
  counts: ReadonlyMap<string, number>,
  directory: string,
  began: number,
): Promise<TrainedModel> {
  const { run, context, start, split, engine, checkpoint } = prepared;
  const { recipe } = run;
  const { labels } = start.config;
  const [trainRecords, validation] = await encodeSides(prepared);
  const state = await takenUp(prepared, session);
  const perEpoch = stepsPerEpoch(trainRecords.sequences.length, recipe);
  tellStart(prepared, session, counts, state, perEpoch);
  const isTrainedBefore = !start.fresh.some((name) => name.endsWith('.weight'));
  const baseReport =
    validation !== undefined && isTrainedBefore
      ? await baseEvaluation(prepared, session, validation, state)
      : undefined;
  const history = [...state.history];
  const result = await train({
    session,
    recipe,
    labels,
    classWeights: classWeights(
      labels.map((label) => counts.get(label) ?? 0).map((count) => Math.max(1, count)),
      recipe,
    ),
    train: trainRecords,
    validation,
    history: state.history,
    ...(context.signal && { signal: context.signal }),
    onStep: context.onEvent,
    onEpoch: async (event) => {
      history.push(event);
      await keep(checkpoint, session, { ...state, stepCount: session.stepCount, history });
      context.onEvent(event);
    },
  });
  if (result.stoppedEarly) {
    context.onEvent({
      type: 'note',
      message: `Stopped after epoch ${result.history.length}: it no longer got better.`,
    });
  }
  const epoch = keptEpoch(result, prepared);
  if (epoch !== result.history.length) await checkpoint.restoreBest(session, epoch);
  const report = result.history[epoch - 1]?.validation;
  const outcome: TrainingOutcome = {
    engine: engine.name,
    epoch,
    epochs: result.history.length,
    stoppedEarly: result.stoppedEarly,
    trainRecords: split.train.length,
    validationRecords: split.validation.length,
    seconds: (performance.now() - began) / 1_000,
    ...(report && { report }),
    ...(baseReport && { baseReport }),
  };
  const manifest = await writeModel(prepared, session, directory, outcome, result, counts);
  await proveTrained(directory, {
    session,
    records: validation ?? trainRecords,
    texts: (validation === undefined ? split.train : split.validation).map(({ text }) => text),
    labelCount: labels.length,
    cacheDirectory: run.cacheDirectory,
    threads: run.threads,
    maxLength: recipe.maxLength,
    ...(context.signal && { signal: context.signal }),
  });
  throwIfCancelled(context.signal);
  await checkpoint.remove();
  return { manifest, outcome };
}

/** Both sides as token ids, with what the frozen part makes of them. */
async function encodeSides(prepared: Prepared): Promise<readonly [TrainerRecords, TrainerRecords | undefined]> {
  const { run, context, base, start, split } = prepared;
  const { config } = start;
  const tokenizer = await loadModelTokenizer(base.directory, config);
  const maxLength = effectiveMaxLength(run.recipe.maxLength, config);
  const encode = (records: SplitRecords['train']) => encodeRecords(records, config.labels, tokenizer, maxLength);
  const sides = [encode(split.train), encode(split.validation)] as const;
  const withFrozen = async (side: EncodedRecords, what: string): Promise<TrainerRecords> => {
    if (run.recipe.scope === 'full') return { ...side, frozen: undefined };
    const layers = firstTrainedLayer(run.recipe.scope, config.layerCount);
    const cache = new FrozenCache(run.cacheDirectory, { modelHash: base.hash, layers });
    await cache.open();
    const frozen = await computeFrozen({
      config,
      readWeights: start.readWeights,
      layers,
      sequences: side.sequences,
      cache,
      threads: run.threads,
      ...(context.signal && { signal: context.signal }),
      onProgress: (done, total) =>
        context.onEvent({
          type: 'preparing',
          message: `what the frozen layers make of ${what}: ${done} of ${total}`,
          fraction: done / total,
        }),
    });
    return { ...side, frozen };
  };
  const trained = await withFrozen(sides[0], 'the training records');
  return [trained, split.validation.length === 0 ? undefined : await withFrozen(sides[1], 'the validation records')];
}

/** The state of this run: that of an earlier try which was cut off, or a new one. */
async function takenUp(prepared: Prepared, session: TrainingSession): Promise<RunState> {
  const { run, context, checkpoint } = prepared;
  const key = runKey(prepared);
  const earlier = await checkpoint.read();
  const fresh = (): RunState => ({
    key,
    started: new Date().toISOString(),
    name: run.name,
    epochs: run.recipe.epochs,
    stepCount: 0,
    history: [],
  });
  if (earlier === undefined) return fresh();
  if (earlier.key === key) {
    try {
      await checkpoint.restore(session, earlier);
      context.onEvent({
        type: 'note',
        message: `Goes on after epoch ${earlier.history.length}, where it was cut off.`,
      });
      return earlier;
    } catch (error) {
      // Half of it may have been put back: only a new session starts from the beginning.
      await checkpoint.remove();
      throw new UserError(
        'TRAINING_FAILED',
        'The checkpoint of the run that was cut off is damaged, and was removed: train again, from the beginning.',
        { cause: error },
      );
    }
  }
  context.onEvent({
    type: 'note',
    message: 'A run that was cut off had other records or settings: it is given up, and this one starts anew.',
  });
  await checkpoint.remove();
  return fresh();
}

/** @throws UserError RUN_CHANGED where the run has to go on and cannot */
async function refuseAnotherRun(prepared: Prepared): Promise<void> {
  if (prepared.run.mustGoOn !== true) return;
  const earlier = await prepared.checkpoint.read();
  if (earlier === undefined || earlier.key === runKey(prepared)) return;
  throw new UserError(
    'RUN_CHANGED',
    `The labelled records, or the model that it started from, changed since the training of ${prepared.run.name} was cut off: put them back as they were to go on, or start anew.`,
  );
}

/** What the weights after each epoch follow from. */
function runKey({ run, base, engine, split }: Prepared): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([run.recipe, base.hash, engine.name, engine.versions, run.threads]));
  for (const side of [split.train, split.validation]) {
    hash.update(`\0${side.length}`);
    for (const { text, label } of side) hash.update(`\0${label}\0${text.length}\0`).update(text);
  }
  return hash.digest('hex');
}

function tellStart(
  { run, context, base, start, split, engine }: Prepared,
  session: TrainingSession,
  counts: ReadonlyMap<string, number>,
  state: RunState,
  perEpoch: number,
): void {
  const sizes = [...bertTensorShapes(start.config).values()].map((shape) =>
    shape.reduce((product, size) => product * size, 1),
  );
  context.onEvent({
    type: 'start',
    engine: engine.name,
    versions: engine.versions,
    threads: run.threads,
    recipe: run.recipe,
    baseModel: base.name,
    labels: start.config.labels,
    trainRecords: split.train.length,
    validationRecords: split.validation.length,
    classCounts: Object.fromEntries(counts),
    steps: perEpoch * run.recipe.epochs,
    resumedFrom: perEpoch * state.history.length,
    history: state.history,
    trainedParameters: session.trained.reduce((sum, name) => sum + session.size(name), 0),
    parameters: sizes.reduce((sum, size) => sum + size, 0),
  });
}

/** The base model on the validation records: the session's weights before its first step. */
async function baseEvaluation(
  { run, start, context, engine }: Prepared,
  session: TrainingSession,
  validation: TrainerRecords,
  state: RunState,
) {
  const evaluate = (model: TrainingSession) =>
    evaluateSession(model, validation, start.config.labels, validation.frozen, context.signal);
  if (state.history.length === 0) return (await evaluate(session)).report;
  const untrained = await engine.open({
    config: start.config,
    readWeights: start.readWeights,
    scope: run.recipe.scope,
    optimizer: run.recipe,
    dropout: 0,
    threads: run.threads,
  });
  try {
    return (await evaluate(untrained)).report;
  } finally {
    await untrained.dispose();
  }
}

function keptEpoch({ history }: TrainerResult, { run }: Prepared): number {
  return run.recipe.keep === 'last' ? history.length : (history.findLast(({ best }) => best)?.epoch ?? history.length);
}

async function writeModel(
  { run, base, original, start, engine, split }: Prepared,
  session: TrainingSession,
  directory: string,
  outcome: TrainingOutcome,
  { history }: TrainerResult,
  counts: ReadonlyMap<string, number>,
): Promise<ModelManifest> {
  const { config } = start;
  const writer = new ModelDirectoryWriter(directory);
  await writer.write('config.json', asJson(classifierConfig(original, config)));
  for (const [file, content] of (await carriedTokenizer(base.directory)).files) await writer.write(file, content);
  const shapes = bertTensorShapes(config);
  const trained = new Set(session.trained);
  const tensors = [...huggingFaceNames(config)].map(([name, own]) => {
    const shape = shapes.get(name) ?? [];
    const length = shape.reduce((product, size) => product * size, 1);
    return {
      name: own,
      shape,
      length,
      read: () => (trained.has(name) ? session.weights(name) : start.readWeights(name)),
    };
  });
  await writer.writeWeights(new TensorTableSource(tensors));
  const { report, baseReport, epoch, epochs, stoppedEarly, trainRecords, validationRecords } = outcome;
  return writer.finish({
    name: run.name,
    parent: { name: base.name, hash: base.hash },
    data: {
      files: run.data,
      trainRecords,
      validationRecords,
      trainCounts: Object.fromEntries(counts),
      heldOut: run.validationRecords === undefined ? split.validation.length : 'records of their own',
    },
    hyperParameters: { ...run.recipe },
    engine: { name: engine.name, versions: engine.versions, threads: run.threads },
    metrics: {
      epoch,
      epochs,
      stoppedEarly,
      ...(report && { accuracy: report.accuracy, macroF1: report.macroF1, validation: report }),
      ...(baseReport && { parent: baseReport }),
      history: history.map(({ type: _, validation: __, ...figures }) => figures),
    },
  });
}

function countLabels({ train, labels }: SplitRecords): ReadonlyMap<string, number> {
  return new Map(labels.map((label) => [label, train.filter((record) => record.label === label).length]));
}

/** @throws UserError OUT_OF_MEMORY, IO_ERROR */
async function checkRoom({ config }: StartingPoint, run: TrainingRun): Promise<void> {
  const needed = trainingMemoryBytes(config, run.recipe);
  const available = await availableMemoryBytes();
  if (needed > available) {
    throw new UserError(
      'OUT_OF_MEMORY',
      `Training needs about ${sizeText(needed)} of memory, and ${sizeText(available)} are free: close other programs, or train fewer layers, smaller batches or shorter texts.`,
    );
  }
  const shapes = bertTensorShapes(config);
  const bytes = (names: Iterable<string>) =>
    [...names].reduce(
      (sum, name) => sum + 4 * (shapes.get(name) ?? []).reduce((product, size) => product * size, 1),
      0,
    );
  // Two checkpoints for a moment, the best weights, and the model.
  const wanted = 7 * bytes(trainedTensors(config, run.recipe.scope)) + bytes(shapes.keys());
  const free = await freeDiskBytes(run.staging);
  if (free === undefined || wanted <= free) return;
  throw new UserError(
    'IO_ERROR',
    `Training needs about ${sizeText(wanted)} on the disk for checkpoints, and ${sizeText(free)} are free: free some space, or train fewer layers.`,
  );
}

/** Of the nearest folder that is there; undefined where the system does not tell. */
async function freeDiskBytes(folder: string): Promise<number | undefined> {
  for (let place = path.resolve(folder); ; place = path.dirname(place)) {
    try {
      const { bavail, bsize } = await statfs(place);
      return bavail * bsize;
    } catch {
      if (place === path.dirname(place)) return undefined;
    }
  }
}

async function keep(checkpoint: RunCheckpoint, session: TrainingSession, state: RunState): Promise<void> {
  try {
    await checkpoint.save(session, state);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(
      'IO_ERROR',
      `A checkpoint could not be written (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}), so training was stopped and the model in use stays: check that the disk has room.`,
      { cause },
    );
  }
}
