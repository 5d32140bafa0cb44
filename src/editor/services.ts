import type { ExtensionContext, LogOutputChannel } from 'vscode';
import type { CaseDocuments } from './caseDocuments.ts';
import type { CheckedRecords } from './checkedRecords.ts';
import type { ColumnChoices } from './columnChoices.ts';
import type { LabelEditor } from './labelEditor.ts';
import type { ModelService } from './modelService.ts';
import type { ModelLibrary } from './models/modelLibrary.ts';
import type { ModelPages } from './models/modelPages.ts';
import type { TrainingPanel } from './training/trainingPanel.ts';
import type { TrainingService } from './training/trainingService.ts';

/** What commands work with. */
export interface Services {
  readonly context: ExtensionContext;
  readonly log: LogOutputChannel;
  readonly documents: CaseDocuments;
  readonly models: ModelService;
  readonly library: ModelLibrary;
  readonly pages: ModelPages;
  readonly labels: LabelEditor;
  readonly checked: CheckedRecords;
  readonly columns: ColumnChoices;
  readonly training: TrainingService;
  readonly panel: TrainingPanel;
}
