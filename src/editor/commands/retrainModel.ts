import { UserError } from '../../core/userError.ts';
import type { Services } from '../services.ts';
import { askForTraining } from '../training/trainingQuestions.ts';
import { trainingRun } from '../training/trainingRequest.ts';
import { requireTrust } from '../training/workspaceTrust.ts';
import { offerResume } from './resumeTraining.ts';

/** Retrains the model in use on labelled records, in dialogue. */
export async function retrainModel(services: Services): Promise<void> {
  const { context, training, panel } = services;
  // Before anything is asked; `training.run` sees to it for every run.
  requireTrust();
  if (training.isRunning) {
    panel.show();
    throw new UserError('BAD_ARGUMENT', 'A model is being trained already: wait until it is done, or cancel it first.');
  }
  if (await offerResume(services)) return;
  const { request, sources } = await askForTraining(services);
  panel.show();
  await training.run(request, trainingRun(context, request, sources));
}
