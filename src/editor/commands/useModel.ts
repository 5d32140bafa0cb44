import { window } from 'vscode';
import { describeModel } from '../../models/describeModel.ts';
import { isUntrained, type ModelEntry } from '../models/modelEntry.ts';
import { pickModel } from '../models/pickModel.ts';
import { measureWhereNew } from '../models/precisionReports.ts';
import type { Services } from '../services.ts';

/** Chooses a model of the view *Models*. */
export async function useModel(services: Services, target: unknown): Promise<void> {
  const entry = await pickModel(services.library, target, 'Model that predicts labels');
  await applyModel(services, entry);
}

/** Chooses a model; one that cannot serve is refused before anything changes. */
export async function applyModel(services: Services, entry: ModelEntry): Promise<void> {
  const { config, name } = await describeModel(entry.directory);
  await services.library.use(entry);
  await services.models.followChoice();
  const shown = entry.version?.name ?? name;
  if (isUntrained(entry)) {
    void window.showWarningMessage(
      `Predictions come from ${shown} now, whose classification head is fresh: they mean nothing until the model is trained.`,
    );
    return;
  }
  void window.showInformationMessage(`Predictions come from ${shown} now; its labels: ${config.labels.join(', ')}.`);
  await measureWhereNew(services);
}
