import { UserError } from '../../core/userError.ts';
import { findRecord } from '../recordTarget.ts';
import type { Services } from '../services.ts';

/** Keeps the label of a record against the prediction: it is no longer listed, also after a reload. */
export async function markChecked(services: Services, target?: unknown): Promise<void> {
  const { cases, record } = await findRecord(services.documents, target);
  const facts = cases.facts(record);
  if (facts.label === undefined || facts.label.trim() === '') {
    throw new UserError('BAD_ARGUMENT', 'This record has no label to keep: accept the prediction or choose a label.');
  }
  await services.checked.add(cases.document.uri, facts);
  cases.refresh();
}
