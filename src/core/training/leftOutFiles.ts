import { countText } from '../countText.ts';
import type { UserErrorCode } from '../userError.ts';

/** A file of a folder that nothing can be learned from. */
export interface UnfitFile {
  readonly file: string;
  readonly code: UserErrorCode;
}

const MOST_NAMED = 5;

const REASONS: Partial<Readonly<Record<UserErrorCode, string>>> = {
  NO_TEXT_COLUMN: 'no column of narratives',
  NO_LABEL_COLUMN: 'no column of labels',
  EMPTY_FILE: 'empty',
};

/**
 * What a person is told of the files of a folder that are not trained on.
 * @param found files in the folder, those that cannot be read among them
 * @param most files that are read of a folder; there were more where `isCut`
 * @returns undefined where every file is trained on
 */
export function leftOutText(
  unfit: readonly UnfitFile[],
  found: number,
  { most, isCut }: { readonly most: number; readonly isCut: boolean },
): string | undefined {
  const sentences: string[] = [];
  if (isCut) {
    sentences.push(
      `The folder has more than ${countText(most)} CSV files: only the first ${countText(most)} are read.`,
    );
  }
  if (unfit.length > 0) {
    const named = unfit
      .slice(0, MOST_NAMED)
      .map(({ file, code }) => `${file} (${REASONS[code] ?? 'it could not be read'})`);
    const more =
      unfit.length > MOST_NAMED ? `, and ${countText(unfit.length - MOST_NAMED)} more, which the log names` : '';
    sentences.push(
      `${countText(unfit.length)} of ${countText(found)} CSV files ${unfit.length === 1 ? 'is' : 'are'} left out: ${named.join(', ')}${more}.`,
    );
  }
  return sentences.length === 0 ? undefined : sentences.join(' ');
}
