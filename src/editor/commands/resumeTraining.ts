import { window } from 'vscode';
import { UserError } from '../../core/userError.ts';
import { RunCheckpoint } from '../../training/runCheckpoint.ts';
import type { Services } from '../services.ts';
import { newRunId, requestedFiles, stagingFolder, trainingRun } from '../training/trainingRequest.ts';
import { readSources } from '../training/trainingSources.ts';

/**
 * Offers to go on with a run that was cut off.
 * @returns whether there was one and the person decided to go on, or not to decide
 */
export async function offerResume(services: Services): Promise<boolean> {
  const { context, training, panel } = services;
  const request = training.pending.get();
  if (request === undefined || training.isRunning) return false;
  const checkpoint = new RunCheckpoint(stagingFolder(context, request));
  const state = await checkpoint.read();
  if (state === undefined) {
    await training.pending.set(undefined);
    return false;
  }
  const [resume, discard] = ['Resume', 'Discard'];
  const done = `after epoch ${state.history.length} of ${state.epochs}`;
  const choice = await window.showInformationMessage(
    `The training of ${request.name} was cut off ${done}. The model in use is as it was.`,
    resume,
    discard,
  );
  if (choice === undefined) return true;
  // The question stands for as long as nobody answers it: another one may have been answered meanwhile.
  if (training.isRunning || training.pending.get()?.id !== request.id) {
    panel.show();
    return true;
  }
  if (choice === discard) {
    await checkpoint.remove();
    await training.pending.set(undefined);
    return false;
  }
  const sources = await readSources(services, requestedFiles(request));
  panel.show();
  try {
    await training.run(request, { ...trainingRun(context, request, sources), mustGoOn: true });
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'RUN_CHANGED') throw error;
    const anew = 'Start Anew';
    const detail = `What was learned ${done} goes for good. Without it, everything stays as it is.`;
    const answer = await window.showWarningMessage(error.message, { modal: true, detail }, anew);
    if (answer !== anew) return true;
    const again = { ...request, id: newRunId() };
    await training.run(again, trainingRun(context, again, sources));
  }
  return true;
}
