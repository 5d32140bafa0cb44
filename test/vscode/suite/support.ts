import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { eventually } from '../eventually.ts';
import type { VscodeKind } from '../versions.ts';
import { hostTestVariable } from './variables.ts';

/** Which of the two VS Codes runs this suite. */
export function vscodeKind(): VscodeKind {
  return hostTestVariable('CASELIGHT_TEST_VSCODE') === 'old' ? 'old' : 'new';
}

/** Absolute path of a file of the repository, such as `samples/narratives.csv`. Copy it; never write to it. */
export function repositoryFile(relativePath: string): string {
  return path.join(hostTestVariable('CASELIGHT_TEST_REPOSITORY'), relativePath);
}

/** Absolute path of a file in the scratch workspace, which is open in this window and thrown away after the run. */
export function scratchFile(name: string): string {
  return path.join(hostTestVariable('CASELIGHT_TEST_WORKSPACE'), name);
}

/** A document in an editor of its own. */
export interface OpenedCsv {
  readonly document: vscode.TextDocument;
  readonly editor: vscode.TextEditor;
}

/**
 * Writes a CSV into the scratch workspace and opens it in an editor.
 *
 * @param name file name; give each test its own, so that none meets another's leftovers.
 * @param contents a string is written as UTF-8, bytes as they are.
 */
export async function openCsv(name: string, contents: string | Uint8Array): Promise<OpenedCsv> {
  writeFileSync(scratchFile(name), contents);
  return openScratchFile(name);
}

/** Copies a file, such as one of the samples, into the scratch workspace and opens it in an editor. */
export async function openCopy(source: string, name = path.basename(source)): Promise<OpenedCsv> {
  copyFileSync(source, scratchFile(name));
  return openScratchFile(name);
}

async function openScratchFile(name: string): Promise<OpenedCsv> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(scratchFile(name)));
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  return { document, editor };
}

/** What of the document is on disk now. VS Code normalises line ends in memory, so compare bytes, not text. */
export function bytesOnDisk(document: vscode.TextDocument): Buffer {
  return readFileSync(document.uri.fsPath);
}

/** The diagnostics of one source, such as `Caselight`, in a document now. */
export function diagnosticsOf(document: vscode.TextDocument, source: string): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(document.uri).filter((diagnostic) => diagnostic.source === source);
}

/** Waits, up to 10 s, until the diagnostics of one source satisfy `holds`, and resolves to them. */
export async function diagnosticsUntil(
  document: vscode.TextDocument,
  source: string,
  what: string,
  holds: (diagnostics: readonly vscode.Diagnostic[]) => boolean,
): Promise<vscode.Diagnostic[]> {
  return eventually(what, () => {
    const diagnostics = diagnosticsOf(document, source);
    return holds(diagnostics) && diagnostics;
  });
}

/** The code actions a person would be offered at `at`; titles are what the menu shows. */
export async function codeActionsAt(
  document: vscode.TextDocument,
  at: vscode.Range | vscode.Position,
): Promise<vscode.CodeAction[]> {
  const range = at instanceof vscode.Position ? new vscode.Range(at, at) : at;
  const offered = await vscode.commands.executeCommand<(vscode.CodeAction | vscode.Command)[] | undefined>(
    'vscode.executeCodeActionProvider',
    document.uri,
    range,
  );
  return (offered ?? []).filter(
    (action): action is vscode.CodeAction => !('command' in action && typeof action.command === 'string'),
  );
}

/**
 * Does what choosing the action from the menu does: its edit first, then its command.
 *
 * @throws Error when VS Code refuses the edit.
 */
export async function applyCodeAction({ title, edit, command }: vscode.CodeAction): Promise<void> {
  if (edit !== undefined && !(await vscode.workspace.applyEdit(edit))) {
    throw new Error(`VS Code refused the edit of "${title}"`);
  }
  if (command !== undefined) await vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
}

/** The text a hover shows at a position, the parts of several providers joined by blank lines. */
export async function hoverTextAt(document: vscode.TextDocument, position: vscode.Position): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    position,
  );
  return hovers
    .flatMap((hover) => hover.contents)
    .map((content) => (typeof content === 'string' ? content : content.value))
    .join('\n\n');
}

/** Puts every dirty document back to what is on disk and closes all editors. Call it after each test that edits. */
export async function closeAllEditors(): Promise<void> {
  for (const document of vscode.workspace.textDocuments) {
    if (!document.isDirty || document.isClosed) continue;
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}
