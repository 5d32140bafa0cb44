import type { DocumentSelector, TextDocument } from 'vscode';

/** The language ids of this extension and of Rainbow CSV. */
const CSV_LANGUAGES: readonly string[] = ['csv', 'tsv', 'csv (semicolon)', 'csv (pipe)', 'dynamic csv'];

export const csvSelector: DocumentSelector = CSV_LANGUAGES.map((language) => ({ language }));

// Diffs, output channels and the like are no files that a person labels.
const FOREIGN_SCHEMES: ReadonlySet<string> = new Set([
  'git',
  'output',
  'vscode',
  'review',
  'gitlens',
  'chat-editing-text-model',
]);

export function isCsvDocument(document: TextDocument): boolean {
  return CSV_LANGUAGES.includes(document.languageId) && !FOREIGN_SCHEMES.has(document.uri.scheme);
}
