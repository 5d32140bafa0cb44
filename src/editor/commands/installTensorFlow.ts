import { type QuickPickItem, window } from 'vscode';
import { UserError } from '../../core/userError.ts';
import { findTensorFlow } from '../../training/tensorflow/install/installation.ts';
import type { InstallSummary } from '../../training/tensorflow/install/installTensorFlow.ts';
import type { TensorFlowSource } from '../../training/tensorflow/install/obtainArchive.ts';
import { requireTensorFlowPlatform } from '../../training/tensorflow/install/platform.ts';
import { runJobWithProgress } from '../jobProgress.ts';
import type { Services } from '../services.ts';
import { tensorFlowSettings } from '../settings.ts';

interface SourceItem extends QuickPickItem {
  /** Undefined where the person gave it up. */
  readonly source: () => Promise<TensorFlowSource | undefined>;
}

/** Installs the native library of the TensorFlow engine, from where the person says. */
export async function installTensorFlow(services: Services): Promise<void> {
  requireTensorFlowPlatform(process.platform, process.arch);
  const root = services.context.globalStorageUri.fsPath;
  const earlier = await findTensorFlow(root);
  if (earlier !== undefined) {
    const again = 'Install Again';
    const sentence = `TensorFlow ${earlier.version} is installed already.`;
    if ((await window.showInformationMessage(sentence, again)) !== again) return;
  }
  const item = await window.showQuickPick(sourceItems(), {
    title: 'Install TensorFlow engine',
    placeHolder: 'Where should the native library of TensorFlow come from?',
    ignoreFocusOut: true,
  });
  const source = await item?.source();
  if (source === undefined) return;
  const summary = await install(services, root, source);
  if (summary === undefined) return;
  void window.showInformationMessage(`TensorFlow ${summary.installation.version} is installed.`);
}

function sourceItems(): SourceItem[] {
  const { mirror } = tensorFlowSettings();
  const download =
    mirror === ''
      ? {
          label: 'Download from the upstream archive',
          detail: 'Several hundred megabytes from Google.',
        }
      : { label: 'Download from the mirror', detail: mirror };
  return [
    { ...download, source: async () => (mirror === '' ? { kind: 'upstream' } : { kind: 'mirror', baseUrl: mirror }) },
    {
      label: 'Choose a file…',
      detail: 'The libtensorflow-cpu archive (.tar.gz) or a tensorflow-cpu wheel (.whl) on this machine.',
      source: askForFile,
    },
    {
      label: "With Python's pip",
      detail: 'Your python3 fetches a wheel of 274 MB from the package index that it is set up for.',
      source: async () => ({ kind: 'pip' }),
    },
  ];
}

async function askForFile(): Promise<TensorFlowSource | undefined> {
  const files = await window.showOpenDialog({
    title: 'Archive or wheel of TensorFlow',
    openLabel: 'Install',
    filters: { TensorFlow: ['gz', 'tgz', 'whl'] },
  });
  const path = files?.[0]?.fsPath;
  return path === undefined ? undefined : { kind: 'file', path };
}

/** @returns undefined where a file is not known, and the person does not say what its hash is */
async function install(
  services: Services,
  root: string,
  source: TensorFlowSource,
): Promise<InstallSummary | undefined> {
  try {
    const options = { root, source, force: true };
    return await runJobWithProgress(services, 'Installing TensorFlow', 'installTensorFlow', options);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'UNKNOWN_ARCHIVE' || source.kind !== 'file') throw error;
    const enter = 'Enter SHA-256…';
    if ((await window.showErrorMessage(error.message, enter)) !== enter) return undefined;
    const sha256 = await askForHash();
    return sha256 === undefined ? undefined : install(services, root, { ...source, sha256 });
  }
}

async function askForHash(): Promise<string | undefined> {
  const typed = await window.showInputBox({
    title: 'SHA-256 of the file',
    prompt: 'As its publisher says, 64 hexadecimal digits.',
    ignoreFocusOut: true,
    validateInput: (text) => (/^[0-9a-f]{64}$/i.test(text.trim()) ? undefined : 'Type 64 hexadecimal digits.'),
  });
  return typed?.trim();
}
