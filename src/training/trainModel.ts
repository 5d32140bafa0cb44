import { performance } from 'node:perf_hooks';
import { parseConfigObject } from '../checkpoint/bertConfig.ts';
import { bertTensorShapes } from '../checkpoint/bertTensors.ts';
import { openCheckpoint } from '../checkpoint/openCheckpoint.ts';
import { throwIfCancelled } from '../core/cancellation.ts';
import { classWeights } from '../core/training/classWeights.ts';
import { trainingProblems } from '../core/training/trainingProblems.ts';
import { firstTrainedLayer } from '../core/training/trainingRecipe.ts';
import { describeModel, readModelFile } from '../models/describeModel.ts';
import type { ModelManifest } from '../models/manifest.ts';
import { effectiveMaxLength } from '../models/maxLength.ts';
import { loadModelTokenizer } from '../models/modelTokenizer.ts';
import { checkpointBytes, checkRoom } from './checkRoom.ts';
import { chooseEngine } from './chooseEngine.ts';
import { computeFrozen } from './computeFrozen.ts';
import { evaluateSession } from './evaluateSession.ts';
import { FrozenCache } from './frozenCache.ts';
import type { FrozenStates } from './frozenStates.ts';
import type { PreparedRun, TrainingContext } from './preparedRun.ts';
import { proveTrained } from './proveTrained.ts';
import { RunCheckpoint, type RunState } from './runCheckpoint.ts';
import { startingPoint } from './startingPoint.ts';
import { keepCheckpoint, refuseAnotherRun, takenUp } from './takeUpRun.ts';
import { stepsPerEpoch, type TrainerRecords, type TrainerResult, train } from './trainer.ts';
import { divideRecords, encodeRecords, type SplitRecords } from './trainingData.ts';
import type { TrainingSession } from './trainingEngine.ts';
import type { TrainingOutcome, TrainingRun } from './trainingRun.ts';
import { writeTrainedModel } from './writeTrainedModel.ts';

/** A model directory that was written, and how the model did. */
export interface TrainedModel {
  readonly manifest: ModelManifest;
  readonly outcome: TrainingOutcome;
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
  const checkpoint = new RunCheckpoint(run.staging);
  // A run goes on with what it began with, although TensorFlow may have been installed since.
  const earlier = await checkpoint.read();
  const engine = await chooseEngine(
    { ...run, engine: run.engine === 'auto' && earlier?.engine === 'onnxruntime' ? earlier.engine : run.engine },
    note,
  );
  const source = await openCheckpoint(base.directory);
  try {
    const start = startingPoint(source, original, split.labels, recipe.seed);
    if (start.newLabels.length > 0) note(freshHead(start.newLabels));
    const room = await checkRoom(start, run, engine);
    const prepared: PreparedRun = { run, context, base, original, start, split, engine, checkpoint, earlier, room };
    refuseAnotherRun(prepared);
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
  prepared: PreparedRun,
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
      await keepCheckpoint(checkpoint, session, { ...state, stepCount: session.stepCount, history });
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
  const manifest = await writeTrainedModel(prepared, session, directory, outcome, result, counts);
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
async function encodeSides(prepared: PreparedRun): Promise<readonly [TrainerRecords, TrainerRecords | undefined]> {
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
  { run, context, base, start, room }: PreparedRun,
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

function tellStart(
  { run, context, base, start, split, engine }: PreparedRun,
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
  { run, start, context, engine }: PreparedRun,
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

function keptEpoch({ history }: TrainerResult, { run }: PreparedRun): number {
  return run.recipe.keep === 'last' ? history.length : (history.findLast(({ best }) => best)?.epoch ?? history.length);
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
