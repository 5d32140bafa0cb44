import { commands, EventEmitter, type TextDocumentContentProvider, Uri, window, workspace } from 'vscode';

/** Scheme of the pages' URIs. */
const SCHEME = 'caselight-model';

/** Shows pages about models, in Markdown, as read-only previews. */
export class ModelPages implements TextDocumentContentProvider {
  readonly #pages = new Map<string, string>();
  readonly #changed = new EventEmitter<Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration = workspace.registerTextDocumentContentProvider(SCHEME, this);

  provideTextDocumentContent(uri: Uri): string {
    // After a restart VS Code opens the tab again, and the page is no longer known.
    return this.#pages.get(uri.path) ?? 'Open this page again from the view *Models* of Caselight.';
  }

  async show(title: string, markdown: string): Promise<void> {
    const uri = Uri.from({ scheme: SCHEME, path: `/${title.replaceAll(/[\\/]/g, '-')}.md` });
    this.#pages.set(uri.path, markdown);
    this.#changed.fire(uri);
    try {
      await commands.executeCommand('markdown.showPreview', uri);
    } catch {
      // The built-in Markdown extension can be switched off.
      await window.showTextDocument(uri);
    }
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
