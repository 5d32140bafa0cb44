import { UserError } from '../../core/userError.ts';
import { measureAndShow } from '../models/precisionReports.ts';
import type { Services } from '../services.ts';

/** Measures on the active file what int8 changes for the model in use. */
export async function comparePrecision(services: Services): Promise<void> {
  const cases = await services.documents.active();
  if (cases.columns?.text === undefined) {
    throw new UserError(
      'NO_TEXT_COLUMN',
      'No column of this file looks like a narrative: run "Caselight: Choose Columns…" to say which one it is.',
    );
  }
  await measureAndShow(services, cases);
}
