import { UserError } from '../../core/userError.ts';
import type { CaseDocument } from '../caseDocument.ts';
import { findRecord } from '../recordTarget.ts';
import type { Services } from '../services.ts';
import { addLabelColumn } from './addLabelColumn.ts';

/** Writes the predicted label into the record that is given, or at the cursor. */
export async function acceptPrediction(services: Services, target?: unknown): Promise<void> {
  const { cases, record } = await findRecord(services.documents, target);
  const prediction = cases.prediction(record);
  if (prediction === undefined) {
    throw new UserError(
      'BAD_ARGUMENT',
      'This record has no prediction yet: wait a moment, or run "Caselight: Predict This File".',
    );
  }
  if (await hasLabelColumn(services, cases)) await services.labels.setLabel(cases, record, prediction.label);
}

/** Offers a column to a file that has none. @returns whether there is one now */
export async function hasLabelColumn(services: Services, cases: CaseDocument): Promise<boolean> {
  return cases.columns?.label !== undefined || (await addLabelColumn(services, cases));
}
