import { createHash } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import { countText } from '../core/countText.ts';
import type { ClassificationReport } from '../core/metrics/classificationReport.ts';
import { judgeModel } from '../core/training/modelVerdict.ts';
import { UserError } from '../core/userError.ts';
import { makeNewFolder } from '../models/stagedFolder.ts';
import { RunCheckpoint } from '../training/runCheckpoint.ts';
import type { EpochEvent, TrainingEvent } from '../training/trainingEvent.ts';
import type { TrainingOutcome } from '../training/trainingRun.ts';
import { type TrainedModel, trainModel } from '../training/trainModel.ts';
import { cacheDirectory } from './cacheDirectory.ts';
import type { CommandContext } from './context.ts';
import { readLabelledFile } from './labelledRecords.ts';
import { openOutput } from './outputFile.ts';
import { UsageError } from './usageError.ts';

/** `caselight train FILE --output DIR`: fine-tunes a model; the folder appears whole or not at all. */
export async function trainCommand(context: CommandContext): Promise<void> {
  const { options, signal, stoppedBy, progress } = context;
  const [path, ...more] = options.positionals;
  if (path === undefined || path === '-' || more.length > 0) throw new UsageError('train takes one FILE.');
  if (options.output === '-') throw new UsageError('train takes the folder to make with --output DIR.');
  const { recipe, engine, base, validationFile } = options.training;
  const file = await readLabelledFile(path, context);
  const held = validationFile === undefined ? undefined : await readLabelledFile(validationFile, context);
  if (file.leftOut > 0) progress.note(`${countText(file.leftOut)} records without a narrative or a label are left out`);
  const output = await openOutput('-');
  const print = new TrainingPrinter(context, (text) => output.write(text));
  const staging = join(
    cacheDirectory(),
    'training',
    createHash('sha256').update(resolve(options.output)).digest('hex').slice(0, 16),
  );
  let trained: TrainedModel | undefined;
  try {
    await makeNewFolder(options.output, async (directory) => {
      trained = await trainModel(
        {
          base: base ?? options.model,
          records: file.records,
          ...(held && { validationRecords: held.records }),
          data: [file.data, ...(held ? [held.data] : [])],
          recipe,
          engine,
          threads: options.threads,
          name: options.name ?? basename(resolve(options.output)),
          staging,
          cacheDirectory: join(cacheDirectory(), 'derived'),
          tensorflowRoot: cacheDirectory(),
        },
        directory,
        { signal, onEvent: (event) => print.event(event) },
      );
    });
  } catch (error) {
    if (error instanceof UserError && error.code === 'CANCELLED') {
      // A person who stops a run does not mean to go on with it; one that was killed is taken up by the same command.
      const checkpoint = new RunCheckpoint(staging);
      const epochs = (await checkpoint.read())?.history.length ?? 0;
      if (stoppedBy() === 'SIGINT') await checkpoint.remove();
      else if (epochs > 0)
        progress.note(`What was trained until epoch ${epochs} is kept: the same command goes on there.`);
    }
    throw error;
  } finally {
    progress.end();
    await print.finished();
  }
  if (trained === undefined) throw new Error('a folder was published that was never filled');
  await print.done(trained.outcome);
}

/** Tells of a run as it goes on: a JSON object a line, or lines for people. */
class TrainingPrinter {
  private steps = 0;
  /** Steps that an earlier run had done. */
  private resumedFrom = 0;
  private startedMs = 0;
  /** Output is written in order, and nobody waits for it meanwhile. */
  private written: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly context: CommandContext,
    private readonly write: (text: string) => Promise<unknown>,
  ) {}

  event(event: TrainingEvent): void {
    const { options, progress } = this.context;
    if (options.json) this.put(`${JSON.stringify(event)}\n`);
    switch (event.type) {
      case 'note':
        progress.note(event.message);
        break;
      case 'preparing':
        progress.update(0, event.fraction, event.message);
        break;
      case 'start':
        this.steps = event.steps;
        this.resumedFrom = event.resumedFrom;
        this.startedMs = performance.now();
        progress.note(
          `${countText(event.trainRecords)} records to train on, ${countText(event.validationRecords)} held out; ` +
            `${event.engine}, ${event.threads} threads; ${countText(event.trainedParameters)} of ${countText(event.parameters)} weights are trained`,
        );
        break;
      case 'step': {
        const msPerStep = (performance.now() - this.startedMs) / (event.step - this.resumedFrom);
        const minutes = (msPerStep * (this.steps - event.step)) / 60_000;
        progress.update(
          event.step,
          event.step / this.steps,
          `step ${event.step} of ${this.steps}, loss ${event.loss.toFixed(3)}, ${minutes.toFixed(1)} min left`,
        );
        break;
      }
      case 'epoch':
        progress.end();
        if (!options.json) this.put(epochLine(event, options.training.recipe.epochs));
        break;
    }
  }

  /** Waits until everything is written. */
  async finished(): Promise<void> {
    await this.written;
  }

  async done(outcome: TrainingOutcome): Promise<void> {
    const { options } = this.context;
    const directory = resolve(options.output);
    this.put(
      options.json ? `${JSON.stringify({ type: 'done', directory, ...outcome })}\n` : asLines(outcome, options.output),
    );
    await this.written;
  }

  private put(text: string): void {
    this.written = this.written.then(() => this.write(text));
  }
}

function epochLine(event: EpochEvent, epochs: number): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const held =
    event.validationLoss === undefined
      ? ''
      : `; held out: loss ${event.validationLoss.toFixed(4)}, accuracy ${percent(event.validationAccuracy ?? 0)}, macro-F1 ${event.validationMacroF1?.toFixed(3)}`;
  return (
    `epoch ${event.epoch} of ${epochs}: loss ${event.trainLoss.toFixed(4)}, accuracy ${percent(event.trainAccuracy)}${held}` +
    ` (${event.seconds.toFixed(1)} s)\n`
  );
}

function asLines({ report, baseReport, epoch, epochs, seconds }: TrainingOutcome, directory: string): string {
  const lines = [`${directory}: the weights of epoch ${epoch} of ${epochs}, after ${seconds.toFixed(0)} s`];
  if (report !== undefined) {
    const row = (name: string, of: (report: ClassificationReport) => number) =>
      name.padEnd(24) + of(report).toFixed(3).padStart(8) + (baseReport ? of(baseReport).toFixed(3).padStart(8) : '');
    lines.push(
      '',
      `${'on the held-out records'.padEnd(24)}${'new'.padStart(8)}${baseReport ? 'before'.padStart(8) : ''}`,
      row('accuracy', ({ accuracy }) => accuracy),
      row('macro-F1', ({ macroF1 }) => macroF1),
      ...report.labels.map((label) => row(`recall of ${label}`, ({ perClass }) => perClass[label]?.recall ?? 0)),
    );
    if (baseReport !== undefined && !judgeModel(report, baseReport).notWorse) {
      lines.push('', 'The new model is worse than the one that it was trained from: look before you use it.');
    }
  }
  return `${lines.join('\n')}\n`;
}
