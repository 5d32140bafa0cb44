import { commands, type QuickPickItem, window } from 'vscode';

interface ActionItem extends QuickPickItem {
  readonly command: string;
}

const ACTIONS: readonly ActionItem[] = [
  { label: '$(arrow-down) Next disagreement', command: 'caselight.nextDisagreement' },
  { label: '$(arrow-up) Previous disagreement', command: 'caselight.previousDisagreement' },
  { label: '$(check) Accept prediction at cursor', command: 'caselight.acceptPrediction' },
  { label: '$(play) Predict this file', command: 'caselight.predictFile' },
  { label: '$(list-selection) Choose columns…', command: 'caselight.chooseColumns' },
  { label: '$(package) Choose model…', command: 'caselight.chooseModel' },
  { label: '$(mortar-board) Retrain model…', command: 'caselight.retrainModel' },
  { label: '$(output) Show log', command: 'caselight.showLog' },
];

/** What the status bar item opens: the commands for the active file. */
export async function showActions(): Promise<void> {
  const item = await window.showQuickPick(ACTIONS, { title: 'Caselight' });
  if (item !== undefined) await commands.executeCommand(item.command);
}
