import { type DocumentSelector, type TextDocument, workspace } from 'vscode';

/** The language ids of this extension and of Rainbow CSV. */
const CSV_LANGUAGES: readonly string[] = ['csv', 'tsv', 'csv (semicolon)', 'csv (pipe)', 'dynamic csv'];

export const csvSelector: DocumentSelector = CSV_LANGUAGES.map((language) => ({ language }));

/** Whether a document is a CSV that a person can label: not one side of a diff, or something else that cannot be saved. */
export function isCsvDocument({ languageId, uri }: TextDocument): boolean {
  const isWritable = uri.scheme === 'untitled' || workspace.fs.isWritableFileSystem(uri.scheme) === true;
  return isWritable && CSV_LANGUAGES.includes(languageId);
}
