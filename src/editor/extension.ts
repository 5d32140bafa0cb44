import { commands, Disposable, type ExtensionContext, languages, window, workspace } from 'vscode';
import type { CaseDocument } from './caseDocument.ts';
import { CaseDocuments } from './caseDocuments.ts';
import { CheckedRecords } from './checkedRecords.ts';
import { ColumnChoices } from './columnChoices.ts';
import { acceptPrediction } from './commands/acceptPrediction.ts';
import { addLabelColumn } from './commands/addLabelColumn.ts';
import { chooseColumns } from './commands/chooseColumns.ts';
import { chooseModel } from './commands/chooseModel.ts';
import { classifySelection } from './commands/classifySelection.ts';
import { compareModels } from './commands/compareModels.ts';
import { comparePrecision } from './commands/comparePrecision.ts';
import { deleteModel } from './commands/deleteModel.ts';
import { downloadModel } from './commands/downloadModel.ts';
import { goToDisagreement } from './commands/goToDisagreement.ts';
import { importModel } from './commands/importModel.ts';
import { installTensorFlow } from './commands/installTensorFlow.ts';
import { markChecked } from './commands/markChecked.ts';
import { predictFile } from './commands/predictFile.ts';
import { renameModel } from './commands/renameModel.ts';
import { offerResume } from './commands/resumeTraining.ts';
import { retrainModel } from './commands/retrainModel.ts';
import { rollBackModel } from './commands/rollBackModel.ts';
import { setDownloadToken } from './commands/setDownloadToken.ts';
import { setLabel } from './commands/setLabel.ts';
import { showActions } from './commands/showActions.ts';
import { showModel } from './commands/showModel.ts';
import { useModel } from './commands/useModel.ts';
import { csvSelector } from './csvLanguages.ts';
import { Decorator } from './decorator.ts';
import { EncodingGuard } from './encodingGuard.ts';
import { ErrorBoundary } from './errorBoundary.ts';
import { LabelEditor } from './labelEditor.ts';
import { LargeFileNotice } from './largeFileNotice.ts';
import { LineEndingKeeper } from './lineEndingKeeper.ts';
import { ModelService } from './modelService.ts';
import { ModelLibrary } from './models/modelLibrary.ts';
import { ModelPages } from './models/modelPages.ts';
import { ModelsView } from './models/modelsView.ts';
import { measureWhereNew } from './models/precisionReports.ts';
import { PredictionHover } from './predictionHover.ts';
import { QuickFixes } from './quickFixes.ts';
import type { Services } from './services.ts';
import { SECTION } from './settings.ts';
import { Summaries } from './summaries.ts';
import { TrainingPanel } from './training/trainingPanel.ts';
import { TrainingService } from './training/trainingService.ts';

/** Called by VS Code when a CSV file is opened or a command is run. Loads no model: that happens when one is needed. */
export function activate(context: ExtensionContext): void {
  const own = <T extends { dispose(): unknown }>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const log = own(window.createOutputChannel('Caselight', { log: true }));
  const boundary = new ErrorBoundary(log);
  const showError = (error: unknown) => boundary.show(error);
  const logError = (error: unknown) => boundary.logError(error);

  const encodingGuard = own(new EncodingGuard(showError));
  const columns = new ColumnChoices(context.workspaceState);
  const checked = new CheckedRecords(context.globalState);
  const library = own(new ModelLibrary(context, (sentence) => void window.showWarningMessage(sentence), logError));
  const models = own(new ModelService(context, library, log, showError, logError));
  const documents = own(
    new CaseDocuments({ model: () => models.active, checked, chosenColumns: columns.chosen }, showError),
  );
  const services: Services = {
    context,
    log,
    documents,
    models,
    library,
    pages: own(new ModelPages()),
    labels: new LabelEditor(encodingGuard, checked),
    checked,
    columns,
    training: own(new TrainingService(context, () => services, showError)),
    get panel() {
      return panel;
    },
  };
  const panel = own(new TrainingPanel(services, () => void boundary.run(() => retrainModel(services))()));

  own(new LargeFileNotice(logError));
  own(new LineEndingKeeper(logError));
  encodingGuard.watch(documents);
  const decorator = own(new Decorator(documents));
  const summaries = own(new Summaries(documents, models, logError));
  own(languages.registerHoverProvider(csvSelector, new PredictionHover(documents)));
  own(
    languages.registerCodeActionsProvider(csvSelector, new QuickFixes(documents), {
      providedCodeActionKinds: QuickFixes.kinds,
    }),
  );
  own(connectPump(services, showError));
  own(new ModelsView(library, logError));
  own(library.onDidChange(() => void models.followChoice().catch(showError)));
  own(
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${SECTION}.model`)) void models.reload().catch(showError);
      if (event.affectsConfiguration(`${SECTION}.model.precision`)) void measureWhereNew(services).catch(showError);
      if (event.affectsConfiguration(`${SECTION}.columns`)) for (const cases of documents.all()) cases.refreshColumns();
      decorator.request();
      summaries.requestAll();
    }),
  );
  registerCommands(services, boundary);
  documents.start();
  const resumePending = boundary.run(() => {
    if (workspace.isTrusted && services.training.pending.get() !== undefined) return offerResume(services);
  });
  own(workspace.onDidGrantWorkspaceTrust(resumePending));
  void resumePending();
}

/** Feeds open documents to the model's pump, which is told when there may be work. */
function connectPump({ documents, models }: Services, showError: (error: unknown) => void): Disposable {
  const add = (cases: CaseDocument) => {
    if (cases.columns?.text === undefined || cases.table?.recordCount === 0) return;
    // A model that failed is tried again when a person asks for it, not with every key.
    if (!cases.wantsPredictions || models.state.kind === 'failed') return;
    models.ready().then((model) => {
      // It may have been closed while the model was opened.
      if (documents.get(cases.document) === cases) model.pump.add(cases);
    }, showError);
  };
  const wake = () => models.active?.pump.wake();
  const subscriptions = [
    documents.onDidOpen(add),
    documents.onDidChange((cases) => {
      if (models.active?.pump.has(cases)) wake();
      else add(cases);
    }),
    documents.onDidClose((cases) => models.active?.pump.remove(cases)),
    models.onDidChange((state) => {
      if (state.kind === 'ready') for (const cases of documents.all()) cases.restartPredictions();
    }),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${SECTION}.predictOnOpen`)) documents.all().forEach(add);
    }),
    window.onDidChangeTextEditorVisibleRanges(wake),
    window.onDidChangeActiveTextEditor((editor) => {
      const cases = documents.get(editor?.document);
      if (cases !== undefined) models.active?.pump.prioritise(cases);
    }),
  ];
  return Disposable.from(...subscriptions);
}

function registerCommands(services: Services, boundary: ErrorBoundary): void {
  const handlers: Record<string, (...args: unknown[]) => unknown> = {
    predictFile: () => predictFile(services),
    acceptPrediction: (target) => acceptPrediction(services, target),
    setLabel: (target, label) => setLabel(services, target, label),
    markChecked: (target) => markChecked(services, target),
    nextDisagreement: () => goToDisagreement(services, 1),
    previousDisagreement: () => goToDisagreement(services, -1),
    chooseColumns: () => chooseColumns(services),
    addLabelColumn: () => addLabelColumn(services),
    chooseModel: () => chooseModel(services),
    importModel: (target) => importModel(services, target),
    downloadModel: () => downloadModel(services),
    useModel: (target) => useModel(services, target),
    showModel: (target) => showModel(services, target),
    compareModels: (target) => compareModels(services, target),
    renameModel: (target) => renameModel(services, target),
    deleteModel: (target) => deleteModel(services, target),
    rollBackModel: () => rollBackModel(services),
    comparePrecision: () => comparePrecision(services),
    retrainModel: () => retrainModel(services),
    showTraining: () => services.panel.show(),
    cancelTraining: () => services.training.cancel(),
    installTensorFlow: () => installTensorFlow(services),
    setDownloadToken: () => setDownloadToken(services),
    classifySelection: () => classifySelection(services),
    showActions,
    showLog: () => services.log.show(),
  };
  for (const [name, handler] of Object.entries(handlers)) {
    services.context.subscriptions.push(commands.registerCommand(`${SECTION}.${name}`, boundary.run(handler)));
  }
}
