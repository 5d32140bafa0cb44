import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { type BertConfig, parseConfigObject } from '../checkpoint/bertConfig.ts';
import { bertTensorShapes, huggingFaceNames } from '../checkpoint/bertTensors.ts';
import { openCheckpoint } from '../checkpoint/openCheckpoint.ts';
import { throwIfCancelled } from '../core/cancellation.ts';
import { sizeText } from '../core/sizeText.ts';
import { classWeights } from '../core/training/classWeights.ts';
import { trainingProblems } from '../core/training/trainingProblems.ts';
import { firstTrainedLayer, type TrainingScope } from '../core/training/trainingRecipe.ts';
import { UserError } from '../core/userError.ts';
import { carriedTokenizer } from '../models/carriedTokenizer.ts';
import { classifierConfig } from '../models/classifierConfig.ts';
import { describeModel, type ModelDescription, readModelFile } from '../models/describeModel.ts';
import type { ModelManifest } from '../models/manifest.ts';
import { effectiveMaxLength } from '../models/maxLength.ts';
import { asJson, ModelDirectoryWriter } from '../models/modelDirectoryWriter.ts';
import { loadModelTokenizer } from '../models/modelTokenizer.ts';
import { availableMemoryBytes } from './availableMemory.ts';
import { chooseEngine } from './chooseEngine.ts';
import { computeFrozen } from './computeFrozen.ts';
import { evaluateSession } from './evaluateSession.ts';
import { freeDiskBytes } from './freeDiskBytes.ts';
import { FrozenCache } from './frozenCache.ts';
import type { FrozenStates } from './frozenStates.ts';
import { type MemoryRoom, tooLittleMemory } from './memoryRoom.ts';
import { proveTrained } from './proveTrained.ts';
import { RunCheckpoint, type RunState } from './runCheckpoint.ts';
import { type StartingPoint, startingPoint } from './startingPoint.ts';
import { TensorTableSource } from './tensorTableSource.ts';
import { stepsPerEpoch, type TrainerRecords, type TrainerResult, train } from './trainer.ts';
import { divideRecords, encodeRecords, type SplitRecords } from './trainingData.ts';
import type { TrainingEngine, TrainingSession } from './trainingEngine.ts';
import type { TrainingEvent } from './trainingEvent.ts';
import { trainedTensors, trainingMemoryBytes } from './trainingMemory.ts';
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
  readonly room: MemoryRoom;
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
  const counts = countLabels(split.train, split.labels);
  // What is held out of the same records is as much of a class as what is trained on.
  const given = run.validationRecords === undefined ? [...split.train, ...split.validation] : split.train;
  for (const problem of trainingProblems(countLabels(given, split.labels))) note(problem);
  if (split.unknownLabels > 0) {
    note(`${split.unknownLabels} validation records have labels that no training record has: they are not scored.`);
  }
  const base = await describeModel(run.base);
  const original = parseConfigObject(await readModelFile(base.directory, 'config.json'));
  const engine = await chooseEngine(run);
  const source = await openCheckpoint(base.directory);
  try {
    const start = startingPoint(source, original, split.labels, recipe.seed);
    if (start.newLabels.length > 0) note(freshHead(start.newLabels));
    const room = await checkRoom(start, run, engine);
    const checkpoint = new RunCheckpoint(run.staging);
    const prepared: Prepared = { run, context, base, original, start, split, engine, checkpoint, room };
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
  const { run, base, start, split } = prepared;
  const { config } = start;
  const tokenizer = await loadModelTokenizer(base.directory, config);
  const maxLength = effectiveMaxLength(run.recipe.maxLength, config);
  const encode = (records: SplitRecords['train']) => encodeRecords(records, config.labels, tokenizer, maxLength);
  const [trained, held] = [encode(split.train), encode(split.validation)];
  const frozen = await frozenStates(prepared, [...trained.sequences, ...held.sequences]);
  const cut = trained.sequences.length;
  return [
    { ...trained, frozen: frozen?.slice(0, cut) },
    split.validation.length === 0 ? undefined : { ...held, frozen: frozen?.slice(cut) },
  ];
}

/** What the layers that are not trained make of the texts; undefined where all are trained. */
async function frozenStates(
  { run, context, base, start, room }: Prepared,
  sequences: readonly Int32Array[],
): Promise<FrozenStates | undefined> {
  if (run.recipe.scope === 'full') return undefined;
  const { config, readWeights } = start;
  const layers = firstTrainedLayer(run.recipe.scope, config.layerCount);
  const cache = new FrozenCache(run.cacheDirectory, { modelHash: base.hash, layers });
  await cache.open(sequences, checkpointBytes(config, run.recipe.scope));
  return computeFrozen({
    config,
    readWeights,
    layers,
    sequences,
    cache,
    room,
    threads: run.threads,
    ...(context.signal && { signal: context.signal }),
    onProgress: (done, total) =>
      context.onEvent({
        type: 'preparing',
        message: `what the frozen layers make of the records: ${done} of ${total}`,
        fraction: done / total,
      }),
  });
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
    `The labelled records, the model that it started from, or the engine changed since the training of ${prepared.run.name} was cut off: put them back as they were to go on, or start anew.`,
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
    ...(run.onlyChecked && { onlyChecked: true }),
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
      ...(run.onlyChecked && { onlyChecked: true }),
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

/** Labels that a note names; the others are counted. */
const NAMED = 3;

function freshHead(labels: readonly string[]): string {
  const named = labels.slice(0, NAMED).map((label) => `"${label}"`);
  const more = labels.length > NAMED ? [`${labels.length - NAMED} more`] : [];
  const all = [...named, ...more];
  const list = all.length > 1 ? `${all.slice(0, -1).join(', ')} and ${all.at(-1)}` : all.join('');
  const [label, it] = labels.length > 1 ? ['labels', 'they are'] : ['label', 'it is'];
  return (
    `The model that training starts from does not know the ${label} ${list}, so a fresh classification head takes ` +
    `the place of its own: where ${it} a mistake in the records, correct them and train again.`
  );
}

function countLabels(records: SplitRecords['train'], labels: readonly string[]): ReadonlyMap<string, number> {
  return new Map(labels.map((label) => [label, records.filter((record) => record.label === label).length]));
}

/** @throws UserError OUT_OF_MEMORY, IO_ERROR */
async function checkRoom({ config }: StartingPoint, run: TrainingRun, engine: TrainingEngine): Promise<MemoryRoom> {
  const room: MemoryRoom = {
    neededBytes: trainingMemoryBytes(config, run.recipe, engine.name),
    availableBytes: await availableMemoryBytes(),
  };
  if (room.availableBytes !== undefined && room.neededBytes > room.availableBytes) throw tooLittleMemory(room);
  const wanted = checkpointBytes(config, run.recipe.scope);
  const free = await freeDiskBytes(run.staging);
  if (free === undefined || wanted <= free) return room;
  throw new UserError(
    'IO_ERROR',
    `Training needs about ${sizeText(wanted)} on the disk for checkpoints, and ${sizeText(free)} are free: free some space, or train fewer layers.`,
  );
}

/** Bytes on the disk: two checkpoints for a moment, the best weights, and the model. */
function checkpointBytes(config: BertConfig, scope: TrainingScope): number {
  const shapes = bertTensorShapes(config);
  const bytes = (names: Iterable<string>) =>
    [...names].reduce(
      (sum, name) => sum + 4 * (shapes.get(name) ?? []).reduce((product, size) => product * size, 1),
      0,
    );
  return 7 * bytes(trainedTensors(config, scope)) + bytes(shapes.keys());
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
