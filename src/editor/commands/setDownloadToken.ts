import { type ExtensionContext, window } from 'vscode';
import type { Services } from '../services.ts';

/** Under which VS Code's secret store keeps it. */
export const TOKEN_KEY = 'caselight.downloadToken';

/** Keeps a token for private models in the secret store, or forgets it. */
export async function setDownloadToken({ context }: Services): Promise<void> {
  await askForToken(context);
}

/** @returns whether there is a token now */
export async function askForToken({ secrets }: ExtensionContext): Promise<boolean> {
  const token = await window.showInputBox({
    title: 'Token for downloads',
    prompt: 'An access token of the Hugging Face hub or your mirror, kept in the secret store. Empty: forget it.',
    password: true,
    ignoreFocusOut: true,
  });
  if (token === undefined) return (await secrets.get(TOKEN_KEY)) !== undefined;
  if (token.trim() === '') {
    await secrets.delete(TOKEN_KEY);
    return false;
  }
  await secrets.store(TOKEN_KEY, token.trim());
  return true;
}
