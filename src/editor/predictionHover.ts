import { Hover, type HoverProvider, MarkdownString, type Position, Range, type TextDocument } from 'vscode';
import { markdownText } from '../core/markdown.ts';
import { percentage, probabilityBars } from '../core/review/predictionText.ts';
import type { RecordStatus } from '../core/review/recordStatus.ts';
import type { ActiveModel } from './activeModel.ts';
import type { CaseDocument } from './caseDocument.ts';
import type { CaseDocuments } from './caseDocuments.ts';
import { labelAnchor } from './labelAnchor.ts';
import { targetOf } from './recordTarget.ts';

/** Over a label cell, or over the start of a record where the prediction stands there: everything the model said. */
export class PredictionHover implements HoverProvider {
  constructor(readonly documents: CaseDocuments) {}

  provideHover(document: TextDocument, position: Position): Hover | undefined {
    const cases = this.documents.get(document);
    const table = cases?.table;
    const model = cases?.model;
    if (cases === undefined || table === undefined || model === undefined) return undefined;
    const record = table.recordAt(document.offsetAt(position));
    if (record === undefined || record < 0) return undefined;
    const fields = table.fields(record);
    const anchor = labelAnchor(document, table, record, cases.columns);
    const hovered = [fields[cases.columns?.label ?? -1], anchor.side === 'before' ? fields[0] : undefined]
      .filter((field) => field !== undefined)
      .map((field) => new Range(document.positionAt(field.start), document.positionAt(field.end)))
      .concat(new Range(anchor.position, anchor.position))
      .find((range) => range.contains(position));
    const content = hovered && hoverContent(cases, model, record);
    return content && new Hover(content, hovered);
  }
}

function hoverContent(cases: CaseDocument, model: ActiveModel, record: number): MarkdownString | undefined {
  const prediction = cases.prediction(record);
  if (prediction === undefined) return undefined;
  const status = cases.status(record);
  const markdown = new MarkdownString(undefined, true);
  markdown.isTrusted = {
    enabledCommands: ['caselight.acceptPrediction', 'caselight.setLabel', 'caselight.markChecked'],
  };
  markdown.appendMarkdown(
    `**Caselight** predicts **${markdownText(prediction.label)}** (${percentage(prediction.confidence, 1)})`,
  );
  markdown.appendCodeblock(probabilityBars(model.labels, prediction.probabilities), 'plaintext');
  const sentence = statusSentence(status, cases.facts(record).label);
  if (sentence !== '') markdown.appendMarkdown(`${markdownText(sentence)}\n\n`);
  if (prediction.truncated) {
    const tokens = model.store.get(cases.facts(record).textHash ?? '')?.tokenCount ?? '?';
    markdown.appendMarkdown(
      `$(warning) The narrative is longer than the model reads: only its first ${tokens} tokens were used.\n\n`,
    );
  }
  const target = encodeURIComponent(JSON.stringify([targetOf(cases, record)]));
  const links = [`[Choose label…](command:caselight.setLabel?${target})`];
  if (status !== 'agreement') {
    links.unshift(`[Accept prediction](command:caselight.acceptPrediction?${target})`);
  }
  if (status === 'disagreement' || status === 'unknownLabel') {
    links.push(`[Keep and mark as checked](command:caselight.markChecked?${target})`);
  }
  markdown.appendMarkdown(`${links.join(' · ')}\n\n`);
  markdown.appendMarkdown(`Model: ${markdownText(model.description.name)}, ${model.settings.precision}`);
  return markdown;
}

function statusSentence(status: RecordStatus, label: string | undefined): string {
  switch (status) {
    case 'unlabelled':
      return 'The record has no label yet.';
    case 'agreement':
      return 'The label in the file agrees.';
    case 'disagreement':
      return `The file says ${label}.`;
    case 'unknownLabel':
      return `The file says ${label}, which is none of the model's labels.`;
    case 'checked':
      return `The file says ${label}; marked as checked.`;
    default:
      return '';
  }
}
