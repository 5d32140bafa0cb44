import { ProgressLocation, window } from 'vscode';
import { toPrediction } from '../../core/review/prediction.ts';
import { percentage } from '../../core/review/predictionText.ts';
import { rankedLabels } from '../../core/review/rankedLabels.ts';
import { UserError } from '../../core/userError.ts';
import type { Services } from '../services.ts';

/** Classifies the selected text of any file and shows all probabilities. */
export async function classifySelection({ models }: Services): Promise<void> {
  const editor = window.activeTextEditor;
  const text = editor?.document.getText(editor.selection) ?? '';
  if (text.trim() === '') {
    throw new UserError('BAD_ARGUMENT', 'Nothing is selected: select the text to classify and try again.');
  }
  const message = await window.withProgress(
    { location: ProgressLocation.Window, title: 'Caselight: classifying' },
    async () => {
      const model = await models.ready();
      let shown = '';
      await model.pump.backend.predict([text], {
        onResults: ([result]) => {
          if (result === undefined) return;
          const { probabilities, truncated } = toPrediction(result.logits, model.labels, result.truncated);
          const all = rankedLabels(model.labels, probabilities).map(
            ({ label, probability }) => `${label} ${percentage(probability, 1)}`,
          );
          shown = all.join(' · ') + (truncated ? ` (only the first ${result.tokenCount} tokens were read)` : '');
        },
      });
      return shown;
    },
  );
  void window.showInformationMessage(message);
}
