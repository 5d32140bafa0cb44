import {
  CodeAction,
  type CodeActionContext,
  CodeActionKind,
  type CodeActionProvider,
  type Range,
  type TextDocument,
} from 'vscode';
import { percentage } from '../core/review/predictionText.ts';
import { needsReview } from '../core/review/recordStatus.ts';
import type { CaseDocuments } from './caseDocuments.ts';
import { DIAGNOSTIC_SOURCE } from './diagnosticsPublisher.ts';
import { targetOf } from './recordTarget.ts';

/** Ctrl+. in a record: accept the prediction, set another class, keep the label and mark it as checked. */
export class QuickFixes implements CodeActionProvider {
  static readonly kinds = [CodeActionKind.QuickFix];

  constructor(readonly documents: CaseDocuments) {}

  provideCodeActions(document: TextDocument, range: Range, context: CodeActionContext): CodeAction[] {
    const cases = this.documents.get(document);
    const { table, model } = cases ?? {};
    if (cases === undefined || table === undefined || model === undefined) return [];
    const record = table.recordAt(document.offsetAt(range.start));
    if (record === undefined || record < 0) return [];
    const prediction = cases.prediction(record);
    const status = cases.status(record);
    const { label } = cases.facts(record);
    const target = targetOf(cases, record);
    const own = context.diagnostics.filter(
      ({ source, code }) => source === DIAGNOSTIC_SOURCE && code === status && needsReview(status),
    );
    const action = (title: string, command: string, ...args: unknown[]): CodeAction => {
      const fix = new CodeAction(title, CodeActionKind.QuickFix);
      fix.command = { title, command, arguments: [target, ...args] };
      fix.diagnostics = own;
      return fix;
    };
    const actions: CodeAction[] = [];
    if (prediction !== undefined && label !== prediction.label) {
      const accept = action(
        `Accept prediction: ${prediction.label} (${percentage(prediction.confidence)})`,
        'caselight.acceptPrediction',
      );
      accept.isPreferred = true;
      actions.push(accept);
    }
    for (const other of model.labels) {
      if (other === label || (prediction !== undefined && other === prediction.label)) continue;
      actions.push(action(`Set label: ${other}`, 'caselight.setLabel', other));
    }
    if (status === 'disagreement' || status === 'unknownLabel') {
      actions.push(action(`Keep ${label} and mark as checked`, 'caselight.markChecked'));
    }
    return actions;
  }
}
