import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { window, workspace } from 'vscode';
import { cancelled } from '../../core/cancellation.ts';
import { UserError, type UserErrorCode } from '../../core/userError.ts';
import { removeAbandonedFolders } from '../../models/abandonedFolders.ts';
import { runJobWithProgress } from '../jobProgress.ts';
import { type ImportedVersion, importFolder, offerModel } from '../models/importFolder.ts';
import type { Services } from '../services.ts';
import { SECTION } from '../settings.ts';
import { askForToken, TOKEN_KEY } from './setDownloadToken.ts';

/** Of a checkpoint that will not be otherwise the next time. */
const REFUSALS: readonly UserErrorCode[] = [
  'UNSUPPORTED_MODEL',
  'BAD_CONFIG',
  'BAD_CHECKPOINT',
  'BAD_TOKENIZER',
  'NO_CLASSIFIER',
];

/** Fetches a model from a Hugging Face hub and imports it. */
export async function downloadModel(services: Services): Promise<void> {
  const typed = await window.showInputBox({
    title: 'Download model',
    prompt: 'Repository on the Hugging Face hub, with a revision after @ if it is not the newest.',
    placeHolder: 'dmis-lab/biobert-base-cased-v1.1',
    ignoreFocusOut: true,
    validateInput: (text) =>
      /^[^/@\s]+\/[^/@\s]+(@\S+)?$/.test(text.trim())
        ? undefined
        : 'Type owner/name, such as dmis-lab/biobert-base-cased-v1.1.',
  });
  if (typed === undefined) return;
  const [repo = '', revision] = typed.trim().split('@');
  // What was fetched stays until it was imported: a download that was cut, or an import that was cancelled, is gone on with.
  const folder = `${repo}@${revision ?? 'main'}`.replaceAll(/[^\w.@-]/g, '--');
  const downloads = join(services.context.globalStorageUri.fsPath, 'downloads');
  const destination = join(downloads, folder);
  await removeAbandonedFolders(downloads, Date.now());
  await fetchCheckpoint(services, { repo, ...(revision === undefined ? {} : { revision }), destination });
  let imported: ImportedVersion;
  try {
    imported = await importFolder(services, destination, repo.split('/').at(-1) ?? repo);
  } catch (error) {
    if (error instanceof UserError && REFUSALS.includes(error.code)) await removeDownload();
    throw error;
  }
  await removeDownload();
  await offerModel(services, imported);

  async function removeDownload(): Promise<void> {
    await rm(destination, { recursive: true, force: true });
  }
}

async function fetchCheckpoint(
  services: Services,
  request: { readonly repo: string; readonly revision?: string; readonly destination: string },
): Promise<void> {
  const endpoint = workspace.getConfiguration(SECTION).get('download.endpoint', '').trim();
  const token = await services.context.secrets.get(TOKEN_KEY);
  try {
    await runJobWithProgress(services, `Downloading ${request.repo}`, 'download', {
      ...request,
      ...(endpoint === '' ? {} : { endpoint }),
      ...(token === undefined ? {} : { token }),
    });
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'HUB_REFUSED') throw error;
    const enter = 'Enter Token…';
    const choice = await window.showErrorMessage(error.message, enter);
    if (choice !== enter || !(await askForToken(services.context))) throw cancelled();
    await fetchCheckpoint(services, request);
  }
}
