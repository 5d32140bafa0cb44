import { window } from 'vscode';
import { percentage } from '../../core/review/predictionText.ts';
import { rankedLabels } from '../../core/review/rankedLabels.ts';
import { changedMeanwhile } from '../labelEditor.ts';
import { findRecord } from '../recordTarget.ts';
import type { Services } from '../services.ts';
import { hasLabelColumn } from './acceptPrediction.ts';

/** Sets the label of the record that is given, or at the cursor; asks which where none is given. */
export async function setLabel(services: Services, target?: unknown, label?: unknown): Promise<void> {
  const { cases, record } = await findRecord(services.documents, target);
  if (!(await hasLabelColumn(services, cases))) return;
  const { table } = cases;
  const model = await services.models.ready();
  const chosen = typeof label === 'string' ? label : await pick();
  if (chosen === undefined) return;
  if (cases.table !== table) throw changedMeanwhile();
  await services.labels.setLabel(cases, record, chosen);

  async function pick(): Promise<string | undefined> {
    const prediction = cases.prediction(record);
    const items = rankedLabels(model.labels, prediction?.probabilities ?? []).map((ranked) => ({
      label: ranked.label,
      description: prediction ? percentage(ranked.probability, 1) : '',
    }));
    const { id, label: present } = cases.facts(record);
    const title = id ? `Label of ${id}` : `Label of record ${record + 1}`;
    const placeHolder = present ? `Now: ${present}` : 'No label yet';
    return (await window.showQuickPick(items, { title, placeHolder }))?.label;
  }
}
