import { randomBytes } from 'node:crypto';
import { type Disposable, Uri, ViewColumn, type Webview, type WebviewPanel, window } from 'vscode';
import { type PanelMessage, parsePanelRequest } from '../../core/training/panelProtocol.ts';
import type { Services } from '../services.ts';

/** Messages to the panel, at most one in as long. */
const INTERVAL_MS = 200;

/** The panel *Training*. It shows what the service says and keeps nothing: it can be closed and opened again at any time. */
export class TrainingPanel implements Disposable {
  #panel: WebviewPanel | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #subscription: Disposable;

  constructor(
    private readonly services: Pick<Services, 'context' | 'log' | 'training'>,
    private readonly retrain: () => void,
  ) {
    this.#subscription = services.training.onDidChange(() => this.#post());
  }

  show(): void {
    if (this.#panel !== undefined) {
      this.#panel.reveal(undefined, true);
      return;
    }
    const { context, log } = this.services;
    const dist = Uri.joinPath(context.extensionUri, 'dist');
    const panel = window.createWebviewPanel(
      'caselight.training',
      'Training',
      { viewColumn: ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, localResourceRoots: [dist] },
    );
    this.#panel = panel;
    panel.iconPath = Uri.joinPath(context.extensionUri, 'media', 'icon.png');
    panel.onDidDispose(() => {
      this.#panel = undefined;
    });
    panel.webview.onDidReceiveMessage((value) => {
      switch (parsePanelRequest(value)?.type) {
        case 'ready':
          return this.#send();
        case 'cancel':
          return this.services.training.cancel();
        case 'use':
          return this.services.training.answer(true);
        case 'keep':
          return this.services.training.answer(false);
        case 'retrain':
          return this.retrain();
        case 'showLog':
          return log.show();
      }
    });
    panel.webview.html = page(panel.webview, dist);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#subscription.dispose();
    this.#panel?.dispose();
  }

  #post(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#send();
    }, INTERVAL_MS);
  }

  #send(): void {
    const message: PanelMessage = { type: 'view', view: this.services.training.view ?? null };
    void this.#panel?.webview.postMessage(message);
  }
}

function page(webview: Webview, dist: Uri): string {
  const nonce = randomBytes(16).toString('base64url');
  const script = webview.asWebviewUri(Uri.joinPath(dist, 'trainingPanel.js'));
  const style = webview.asWebviewUri(Uri.joinPath(dist, 'trainingPanel.css'));
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Training</title>
<link rel="stylesheet" href="${style}">
</head>
<body>
<main id="panel"></main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
