import { setTimeout as delay } from 'node:timers/promises';
import { ConfigurationTarget, ProgressLocation, window, workspace } from 'vscode';
import { markdownText } from '../../core/markdown.ts';
import type { PrecisionReport } from '../../core/metrics/precisionReport.ts';
import { precisionReportText, precisionSummary } from '../../core/review/precisionReportText.ts';
import type { CaseDocument } from '../caseDocument.ts';
import { runJobWithProgress } from '../jobProgress.ts';
import type { Services } from '../services.ts';
import { SECTION } from '../settings.ts';
import { isUntrained } from './modelEntry.ts';

const MEASURED_KEY = 'caselight.precisionMeasured';
const MOST_REMEMBERED = 100;
/** The sample is drawn from as many records, taken evenly from the file. */
const MOST_TEXTS = 5_000;
/** The records on screen come first. */
const HEAD_START_MS = 5_000;

/** Measures on the narratives of a file what int8 changes, and shows it. */
export async function measureAndShow(
  services: Services,
  cases: CaseDocument,
  location = ProgressLocation.Notification,
): Promise<void> {
  const { description, settings } = await services.models.ready();
  const report = await runJobWithProgress(
    services,
    `Comparing int8 with fp32 for ${description.name}`,
    'precision',
    {
      model: { name: description.name, config: description.config },
      settings,
      texts: narratives(cases),
    },
    location,
  );
  const measured = services.context.globalState.get<string[]>(MEASURED_KEY, []);
  const key = measuredKey(services, description.hash);
  await services.context.globalState.update(
    MEASURED_KEY,
    [...measured.filter((each) => each !== key), key].slice(-MOST_REMEMBERED),
  );
  await showReport(services, report);
}

/** Where int8 was chosen for a model of which it has not been measured, does so on the active file once its visible records are predicted. */
export async function measureWhereNew(services: Services): Promise<void> {
  const cases = services.documents.get(window.activeTextEditor?.document);
  if (cases?.table === undefined || cases.columns?.text === undefined) return;
  if (isUntrained(await services.library.active())) return;
  const model = await services.models.ready();
  const isKnown = services.context.globalState
    .get<string[]>(MEASURED_KEY, [])
    .includes(measuredKey(services, model.description.hash));
  if (model.settings.precision !== 'int8' || isKnown) return;
  await Promise.race([model.pump.idle(), delay(HEAD_START_MS)]);
  if (services.models.active === model) await measureAndShow(services, cases, ProgressLocation.Window);
}

async function showReport({ pages }: Services, report: PrecisionReport): Promise<void> {
  const [useFullPrecision, showAll] = ['Use fp32', 'Show Report'];
  const summary = precisionSummary(report);
  const choice = report.comparison.suggestsFullPrecision
    ? await window.showWarningMessage(summary, useFullPrecision, showAll)
    : await window.showInformationMessage(summary, showAll);
  if (choice === showAll) {
    const lines = precisionReportText(report).split('\n').map(markdownText);
    await pages.show(
      `int8 and fp32, ${report.model}`,
      [`# int8 and fp32: ${markdownText(report.model)}`, ...lines].join('\n\n'),
    );
  } else if (choice === useFullPrecision) {
    const hasWorkspace = workspace.workspaceFolders !== undefined;
    const target = hasWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
    await workspace.getConfiguration(SECTION).update('model.precision', 'fp32', target);
  }
}

function narratives({ table, columns }: CaseDocument): string[] {
  const column = columns?.text;
  if (table === undefined || column === undefined) return [];
  const step = Math.max(1, Math.ceil(table.recordCount / MOST_TEXTS));
  const texts: string[] = [];
  for (let record = 0; record < table.recordCount; record += step) texts.push(table.value(record, column) ?? '');
  return texts;
}

/** Another version of Caselight may quantize otherwise: it measures anew. */
function measuredKey({ context }: Services, modelHash: string): string {
  const { version } = context.extension.packageJSON as { readonly version: string };
  return `${version}-${modelHash}`;
}
