import { setTimeout as delay } from 'node:timers/promises';
import { ProgressLocation, window } from 'vscode';
import { countText } from '../../core/countText.ts';
import { UserError } from '../../core/userError.ts';
import type { CaseDocument, Summary } from '../caseDocument.ts';
import type { Services } from '../services.ts';

const REPORT_MS = 300;

/** Predicts every record of the active file, with progress, and tells how it stands. */
export async function predictFile({ documents, models, log }: Services): Promise<void> {
  const cases = await documents.active();
  const { table, columns } = cases;
  if (table === undefined || table.recordCount === 0) {
    throw new UserError(
      'EMPTY_FILE',
      'This file has no records: it needs a header such as ID,Seriousness,Narrative and a record a line.',
    );
  }
  if (columns?.text === undefined) {
    throw new UserError(
      'NO_TEXT_COLUMN',
      'No column of this file looks like a narrative: run "Caselight: Choose Columns…" to say which one it is.',
    );
  }
  const model = await models.ready();
  cases.ask(true);
  model.pump.add(cases);
  model.pump.prioritise(cases);
  models.retry();
  log.info(`predicting ${table.recordCount} records`);
  const summary = await window.withProgress(
    { location: ProgressLocation.Notification, title: 'Caselight', cancellable: true },
    async (progress, token) => {
      token.onCancellationRequested(() => {
        cases.ask(false);
      });
      let reported = 0;
      for (;;) {
        const summary = await cases.summarise();
        if (summary !== undefined) {
          const { counts, recordCount } = summary;
          const done = recordCount - counts.waiting;
          const message = `${countText(done)} of ${countText(recordCount)} records`;
          progress.report({ message, increment: ((done - reported) / recordCount) * 100 });
          reported = done;
          // Other files may still be under way in the background.
          if (counts.waiting === 0 || token.isCancellationRequested || !model.pump.isRunning) return summary;
        }
        if (cases.isDisposed) return undefined;
        await Promise.race([model.pump.idle(), delay(REPORT_MS)]);
      }
    },
  );
  if (summary !== undefined && models.state.kind === 'ready' && models.state.error === undefined) {
    void window.showInformationMessage(describe(cases, summary));
  }
}

function describe(cases: CaseDocument, { counts, recordCount, unknownLabels }: Summary): string {
  const predicted = recordCount - counts.waiting - counts.noNarrative;
  const parts = [`${countText(predicted)} of ${countText(recordCount)} records predicted`];
  if (cases.columns?.label !== undefined) {
    parts.push(
      `${countText(counts.agreement)} agree with the label in the file`,
      `${countText(counts.disagreement + counts.unknownLabel)} differ`,
    );
    if (counts.unlabelled > 0) parts.push(`${countText(counts.unlabelled)} have no label`);
  }
  const unknown = [...unknownLabels.keys()].slice(0, 5).map((label) => `"${label}"`);
  const note = unknown.length > 0 ? ` The model does not know the label ${unknown.join(', ')}.` : '';
  return `${parts.join(', ')}.${note}`;
}
