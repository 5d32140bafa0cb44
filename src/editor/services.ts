import type { ExtensionContext, LogOutputChannel } from 'vscode';
import type { CaseDocuments } from './caseDocuments.ts';
import type { CheckedRecords } from './checkedRecords.ts';
import type { ColumnChoices } from './columnChoices.ts';
import type { LabelEditor } from './labelEditor.ts';
import type { ModelService } from './modelService.ts';

/** What commands work with. */
export interface Services {
  readonly context: ExtensionContext;
  readonly log: LogOutputChannel;
  readonly documents: CaseDocuments;
  readonly models: ModelService;
  readonly labels: LabelEditor;
  readonly checked: CheckedRecords;
  readonly columns: ColumnChoices;
}
