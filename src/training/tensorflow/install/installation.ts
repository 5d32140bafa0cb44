import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../../core/userError.ts';

/** The files of TensorFlow that an installation consists of, by the names that the binding links to. */
export const LIBRARY_NAMES = ['libtensorflow.so.2', 'libtensorflow_framework.so.2'] as const;
export type LibraryName = (typeof LIBRARY_NAMES)[number];

/** Says what an installation is; written last. */
export const INSTALLATION_FILE = 'installation.json';
/** Raised when a field changes its meaning; fields may be added without. */
export const FORMAT_VERSION = 1;

/** A library as it was unpacked. */
export interface InstalledFile {
  readonly name: LibraryName;
  readonly sizeBytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** What `installation.json` says. */
export interface InstallationRecord {
  readonly formatVersion: typeof FORMAT_VERSION;
  /** Of TensorFlow, such as `2.9.1`. */
  readonly version: string;
  /** Where the archive came from: an address, the name of a file, or `pip`. */
  readonly source: string;
  /** Of the archive, in hexadecimal. */
  readonly archiveSha256: string;
  readonly files: readonly InstalledFile[];
  /** ISO 8601, UTC. */
  readonly installedAt: string;
}

/** The native library of TensorFlow as it lies in a folder, where the binding of the engine may lie beside it. */
export interface TensorFlowInstallation extends InstallationRecord {
  readonly folder: string;
}

/** How it stands with an installation: there may have been one of which something is missing. */
export type TensorFlowState =
  | { readonly kind: 'absent' | 'damaged' }
  | { readonly kind: 'installed'; readonly installation: TensorFlowInstallation };

/** The absolute path of an installation, under the folder for what can be made again. */
export function tensorFlowFolder(root: string): string {
  return path.resolve(root, 'tensorflow');
}

/** Looks at an installation without reading its libraries: their sizes have to be right. */
export async function tensorFlowState(root: string): Promise<TensorFlowState> {
  const folder = tensorFlowFolder(root);
  const isThere = await sizeOf(folder);
  if (isThere === undefined) return { kind: 'absent' };
  const text = await readFile(path.join(folder, INSTALLATION_FILE), 'utf8').catch(() => '');
  const record = parseRecord(text);
  if (record === undefined) return { kind: 'damaged' };
  const sizes = await Promise.all(record.files.map(({ name }) => sizeOf(path.join(folder, name))));
  if (record.files.some(({ sizeBytes }, i) => sizes[i] !== sizeBytes)) return { kind: 'damaged' };
  return { kind: 'installed', installation: { ...record, folder } };
}

/** @returns the installation under a root; undefined where there is none, or none that is whole */
export async function findTensorFlow(root: string): Promise<TensorFlowInstallation | undefined> {
  const state = await tensorFlowState(root);
  return state.kind === 'installed' ? state.installation : undefined;
}

/** As `findTensorFlow`. @throws UserError ENGINE_NOT_INSTALLED, which says whether it is missing or damaged */
export async function requireTensorFlow(root: string): Promise<TensorFlowInstallation> {
  const state = await tensorFlowState(root);
  if (state.kind === 'installed') return state.installation;
  const finding = state.kind === 'absent' ? 'is not installed' : 'is damaged';
  throw new UserError(
    'ENGINE_NOT_INSTALLED',
    `The TensorFlow engine ${finding}: install it with "Caselight: Install TensorFlow Engine" or caselight install-tensorflow, or train with the engine onnxruntime.`,
  );
}

/** @returns undefined where the text is no record, or one of a later Caselight */
function parseRecord(text: string): InstallationRecord | undefined {
  let record: Partial<Record<keyof InstallationRecord, unknown>>;
  try {
    record = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof record !== 'object' || record === null || record.formatVersion !== FORMAT_VERSION) return undefined;
  const texts = [record.version, record.source, record.archiveSha256, record.installedAt];
  const files = Array.isArray(record.files) ? (record.files as readonly (Partial<InstalledFile> | null)[]) : [];
  const isWhole =
    texts.every((each) => typeof each === 'string') &&
    files.every((file) => typeof file?.sizeBytes === 'number') &&
    files.length === LIBRARY_NAMES.length &&
    LIBRARY_NAMES.every((name) => files.some((file) => file?.name === name));
  return isWhole ? (record as InstallationRecord) : undefined;
}

async function sizeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
}
