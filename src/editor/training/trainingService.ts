import { join } from 'node:path';
import { type Disposable, EventEmitter, type ExtensionContext, ProgressLocation, window } from 'vscode';
import { countText } from '../../core/countText.ts';
import { describeError } from '../../core/describeError.ts';
import { decideOnModel } from '../../core/training/newModelDecision.ts';
import { OpenQuestion } from '../../core/training/openQuestion.ts';
import { failedStatus, isGivenUp } from '../../core/training/runEnding.ts';
import { newRunView, type RunView, withEarlierEpochs, withLine, withStep } from '../../core/training/runView.ts';
import { roughTime } from '../../core/training/timeEstimate.ts';
import { UserError } from '../../core/userError.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import { runJob } from '../../jobs/runJob.ts';
import { removeAbandonedFolders } from '../../models/abandonedFolders.ts';
import { RunCheckpoint } from '../../training/runCheckpoint.ts';
import type { EpochEvent, StartEvent, TrainingEvent } from '../../training/trainingEvent.ts';
import type { TrainingRun } from '../../training/trainingRun.ts';
import { rollBackModel } from '../commands/rollBackModel.ts';
import { isCancellation } from '../errorBoundary.ts';
import { measureWhereNew } from '../models/precisionReports.ts';
import type { Services } from '../services.ts';
import { trainingSettings } from '../settings.ts';
import { PendingTraining, runsFolder, stagingFolder, type TrainingRequest } from './trainingRequest.ts';
import { requireTrust } from './workspaceTrust.ts';

type Trained = Jobs['train']['result'];

const SHOW = 'Show Training';
const USE = 'Use New Model';
const KEEP = 'Keep Old Model';

/** The one run of training of this window: what it does goes on whether or not anybody looks. */
export class TrainingService implements Disposable {
  readonly pending: PendingTraining;
  readonly #changed = new EventEmitter<RunView>();
  /** What is to be shown changed. */
  readonly onDidChange = this.#changed.event;
  #view: RunView | undefined;
  #abort: AbortController | undefined;
  /** About a new model that is not in use yet. */
  readonly #question = new OpenQuestion<Trained>();

  /** @param services as they are once all are made: this is one of them */
  constructor(
    private readonly context: ExtensionContext,
    private readonly services: () => Services,
    private readonly showError: (error: unknown) => void,
  ) {
    this.pending = new PendingTraining(context);
  }

  get view(): RunView | undefined {
    return this.#view;
  }

  get isRunning(): boolean {
    return this.#abort !== undefined;
  }

  /**
   * Trains, and then uses the new model, or asks where it is not certain that it is as good.
   * @throws UserError, and the old model stays; where the new one was made but could not be put into use, the panel offers it
   */
  async run(request: TrainingRequest, run: TrainingRun): Promise<void> {
    requireTrust();
    if (this.isRunning) {
      throw new UserError(
        'BAD_ARGUMENT',
        'A model is being trained already: wait until it is done, or cancel it first.',
      );
    }
    const abort = new AbortController();
    this.#abort = abort;
    this.#question.ask(undefined);
    this.#set(newRunView(`${request.name}, from ${request.baseName}`));
    try {
      const trained = await this.#trainOrFail(request, run, abort);
      // The checkpoint is gone already: what is pending by mistake is not offered.
      await this.pending.set(undefined).catch(this.showError);
      await this.#conclude(trained, run.base);
    } finally {
      this.#abort = undefined;
    }
  }

  cancel(): void {
    this.#abort?.abort();
  }

  /** Answers the question that the panel shows: whether a model that may be worse takes the place of the old one. */
  answer(use: boolean): void {
    const { asked } = this.#question;
    if (asked !== undefined) this.#background(() => this.#answer(asked, use));
  }

  dispose(): void {
    // The process sees that the host is gone, and keeps its checkpoints.
    this.#abort = undefined;
    this.#changed.dispose();
  }

  /** Errors are shown. */
  #background(work: () => Promise<unknown>): void {
    work().catch(this.showError);
  }

  async #trainOrFail(request: TrainingRequest, run: TrainingRun, abort: AbortController): Promise<Trained> {
    try {
      await this.#tidyUp(request);
      await this.pending.set(request);
      return await this.#train(run, abort);
    } catch (error) {
      await this.#fail(error, run);
      throw error;
    }
  }

  /** Removes what can never be gone on with once this run has started. */
  async #tidyUp(request: TrainingRequest): Promise<void> {
    const earlier = this.pending.get();
    if (earlier !== undefined && earlier.id !== request.id) {
      await new RunCheckpoint(stagingFolder(this.context, earlier)).remove();
    }
    await removeAbandonedFolders(runsFolder(this.context), Date.now(), request.id);
  }

  async #train(run: TrainingRun, abort: AbortController): Promise<Trained> {
    const { context, library, log } = this.services();
    const options = { location: ProgressLocation.Notification, title: `Training ${run.name}`, cancellable: true };
    return window.withProgress(options, async (progress, token) => {
      token.onCancellationRequested(() => abort.abort());
      let shown = 0;
      const follow = new EventFollower(this.#view ?? newRunView(run.name), (view) => {
        this.#set(view);
        const share = view.steps === 0 ? 0 : (100 * view.step) / view.steps;
        progress.report({ message: view.status, increment: Math.max(0, share - shown) });
        shown = Math.max(shown, share);
      });
      return runJob(
        'train',
        { run, registry: library.registryOptions, scope: 'global' },
        {
          workerPath: context.asAbsolutePath(join('dist', 'trainingWorker.js')),
          signal: abort.signal,
          log: (line) => log.info(line),
          onEvent: (event) => follow.event(event),
          // A batch of long texts on a slow machine, or writing a large model to a slow disk.
          deadlineMs: 600_000,
        },
      );
    });
  }

  async #conclude(trained: Trained, base: string): Promise<void> {
    const { outcome, version } = trained;
    const { report, baseReport } = outcome;
    const { criticalLabels } = trainingSettings();
    const critical = criticalLabels.length > 0 ? criticalLabels : undefined;
    // Models that cannot be listed cannot be put into use either, which says so.
    const inUse = await this.services()
      .library.active()
      .catch(() => undefined);
    const other = inUse?.directory === base ? undefined : inUse?.name;
    const decision = decideOnModel(report, baseReport, critical, other);
    const { verdict } = decision;
    const found = { ...(report && { report }), ...(baseReport && { baseReport }), ...(verdict && { verdict }) };
    this.#question.ask(trained);
    if (!decision.ask) {
      this.#change(found);
      await this.#answer(trained, true);
      this.#background(() => this.#offerRollBack(version));
      return;
    }
    const message = `${version.name} was trained, but ${decision.why}`;
    this.#change({ ...found, state: 'asking', status: `${message} The model in use stays until you decide.` });
    this.#background(async () => {
      const choice = await window.showWarningMessage(message, SHOW, USE, KEEP);
      if (choice === SHOW) this.services().panel.show();
      else if (choice !== undefined) await this.#answer(trained, choice === USE);
    });
  }

  async #answer(trained: Trained, use: boolean): Promise<void> {
    const { name } = trained.version;
    const answered = await this.#question.answer(trained, async () => {
      try {
        if (use) await this.#use(trained);
      } catch (error) {
        // It was trained all the same: the panel goes on to offer it.
        const status = `${name} was trained, but could not be put into use: ${sentenceOf(error)}`;
        if (this.#question.asked === trained) this.#change({ state: 'asking', status });
        throw error;
      }
    });
    // The panel shows another run by now.
    if (answered === 'late' && use) void window.showInformationMessage(`${name} is in use now.`);
    if (answered !== 'closed') return;
    this.#change({
      state: 'done',
      status: use ? `${name} is in use now.` : `The model that was in use stays; ${name} is in the view Models.`,
    });
  }

  /** @throws UserError where it could not be chosen */
  async #use({ version }: Trained): Promise<void> {
    const services = this.services();
    const { entries } = await services.library.content();
    const entry = entries.find(({ directory }) => directory === version.directory);
    if (entry === undefined) {
      throw new UserError('MODEL_NOT_FOUND', `The model ${version.name} is no longer there: train it again.`);
    }
    await services.library.use(entry);
    // It is chosen now, whatever comes of loading it.
    await services.models.followChoice().catch(this.showError);
    // It asks and waits, which is no part of the training.
    void measureWhereNew(services).catch((error: unknown) => services.log.error(describeError(error)));
  }

  async #offerRollBack({ name, directory }: Trained['version']): Promise<void> {
    const rollBack = 'Roll Back';
    const choice = await window.showInformationMessage(`${name} was trained and is in use now.`, rollBack, SHOW);
    if (choice === SHOW) this.services().panel.show();
    if (choice !== rollBack) return;
    const inUse = await this.services().library.active();
    if (inUse.directory === directory) await rollBackModel(this.services());
    else void window.showInformationMessage(`Nothing was rolled back: predictions come from ${inUse.name} by now.`);
  }

  async #fail(error: unknown, run: TrainingRun): Promise<void> {
    const isCancelled = isCancellation(error);
    const checkpoint = new RunCheckpoint(run.staging);
    if (isGivenUp(error instanceof UserError ? error.code : undefined)) {
      // What cannot be tidied up must not stand in for what went wrong.
      await this.pending.set(undefined).catch(this.showError);
      await checkpoint.remove().catch(this.showError);
    }
    const epochs = (await checkpoint.read())?.history.length ?? 0;
    this.#change({
      state: isCancelled ? 'cancelled' : 'failed',
      status: isCancelled
        ? 'Training was cancelled; the model in use is as it was.'
        : failedStatus(sentenceOf(error), epochs),
    });
  }

  #change(change: Partial<RunView>): void {
    if (this.#view !== undefined) this.#set({ ...this.#view, ...change });
  }

  #set(view: RunView): void {
    this.#view = view;
    this.#changed.fire(view);
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof UserError ? error.message : 'There was an unexpected error; the log tells more.';
}

/** Turns events into what is shown. */
class EventFollower {
  private startedMs = 0;
  private firstStep = 0;

  constructor(
    private view: RunView,
    private readonly show: (view: RunView) => void,
  ) {}

  event(event: TrainingEvent): void {
    this.view = this.next(event);
    this.show(this.view);
  }

  private next(event: TrainingEvent): RunView {
    const { view } = this;
    switch (event.type) {
      case 'note':
        return withLine({ ...view, status: event.message }, event.message);
      case 'preparing':
        return { ...view, status: `Preparing: ${event.message}` };
      case 'start':
        this.startedMs = performance.now();
        this.firstStep = event.resumedFrom;
        return withLine(
          withEarlierEpochs(
            {
              ...view,
              facts: factsOf(event),
              steps: event.steps,
              epochs: event.recipe.epochs,
              step: event.resumedFrom,
            },
            event.history.map(epochView),
          ),
          `Started with ${event.engine} ${Object.values(event.versions).join(', ')}, ${event.threads} threads.`,
        );
      case 'step': {
        const seconds = (performance.now() - this.startedMs) / 1_000;
        const next = withStep(view, event, { seconds, done: event.step - this.firstStep });
        const left = next.secondsLeft === undefined ? '' : `, about ${roughTime(next.secondsLeft)} left`;
        return {
          ...next,
          status: `Epoch ${event.epoch} of ${view.epochs}, step ${event.step} of ${view.steps}${left}`,
        };
      }
      case 'epoch':
        return withLine({ ...view, history: [...view.history, epochView(event)] }, epochLine(event));
    }
  }
}

function epochView({ type: _, validation, seconds: __, ...figures }: EpochEvent) {
  return { ...figures, ...(validation && { report: validation }) };
}

function epochLine({ epoch, trainLoss, validationLoss, validationMacroF1, seconds, best }: EpochEvent): string {
  const held =
    validationLoss === undefined
      ? ''
      : `, held-out loss ${validationLoss.toFixed(3)}, macro-F1 ${validationMacroF1?.toFixed(3)}`;
  return `Epoch ${epoch}: loss ${trainLoss.toFixed(3)}${held}, ${roughTime(seconds)}${best ? ', the best so far' : ''}.`;
}

function factsOf({
  onlyChecked,
  trainRecords,
  validationRecords,
  trainedParameters,
  parameters,
  recipe,
  labels,
}: StartEvent): string[] {
  return [
    `${countText(trainRecords)} ${onlyChecked ? 'checked records' : 'records'} to train on, ${countText(validationRecords)} held out`,
    `${countText(trainedParameters)} of ${countText(parameters)} weights are trained`,
    `${recipe.optimizer === 'adamw' ? 'AdamW' : 'Adam'}, learning rate ${recipe.learningRate}, batches of ${recipe.batchSize}`,
    `labels ${labels.join(', ')}`,
  ];
}
