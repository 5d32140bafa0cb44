import { Range, Selection, TextEditorRevealType, window } from 'vscode';
import { countText } from '../../core/countText.ts';
import { needsReview } from '../../core/review/recordStatus.ts';
import { UserError } from '../../core/userError.ts';
import { TimeSlice } from '../../inference/timeSlice.ts';
import type { Services } from '../services.ts';

/** Moves the cursor to the label of the next record that needs a person, around the end of the file. */
export async function goToDisagreement({ documents }: Services, direction: 1 | -1): Promise<void> {
  const cases = await documents.active();
  const editor = window.activeTextEditor;
  const { table, document, columns } = cases;
  if (editor === undefined || table === undefined || table.recordCount === 0) {
    throw new UserError('EMPTY_FILE', 'This file has no records to go to.');
  }
  const here = table.recordAt(document.offsetAt(editor.selection.active)) ?? -1;
  const from = here < 0 ? (direction === 1 ? -1 : table.recordCount) : here;
  const slice = new TimeSlice();
  let waiting = 0;
  for (let step = 1; step <= table.recordCount; step++) {
    if (slice.isOver) {
      await slice.pause();
      if (cases.table !== table) return;
    }
    const record = (((from + direction * step) % table.recordCount) + table.recordCount) % table.recordCount;
    const status = cases.status(record);
    if (status === 'waiting') waiting++;
    if (!needsReview(status)) continue;
    const start = table.fields(record)[columns?.label ?? 0]?.start ?? table.recordRange(record).start;
    const position = document.positionAt(start);
    editor.selection = new Selection(position, position);
    editor.revealRange(new Range(position, position), TextEditorRevealType.InCenterIfOutsideViewport);
    return;
  }
  void window.showInformationMessage(
    waiting === 0
      ? 'Every label agrees with its prediction or is marked as checked.'
      : `No disagreement so far; ${countText(waiting)} records are not predicted yet.`,
  );
}
