import { window } from 'vscode';
import { percentage } from '../../core/review/predictionText.ts';
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
    const items = model.labels.map((each, i) => ({
      label: each,
      description: prediction ? percentage(prediction.probabilities[i] ?? 0, 1) : '',
      probability: prediction?.probabilities[i] ?? 0,
    }));
    items.sort((a, b) => b.probability - a.probability);
    const { id, label: present } = cases.facts(record);
    const title = id ? `Label of ${id}` : `Label of record ${record + 1}`;
    const placeHolder = present ? `Now: ${present}` : 'No label yet';
    return (await window.showQuickPick(items, { title, placeHolder }))?.label;
  }
}
