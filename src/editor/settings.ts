import { availableParallelism, homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { type ConfigurationScope, DiagnosticSeverity, workspace } from 'vscode';
import type { ChosenColumns } from '../core/columns.ts';
import type { Precision } from '../models/derivedModel.ts';

/** Prefix of all settings. */
export const SECTION = 'caselight';

const severities: Readonly<Record<string, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** The settings of a file, read anew at each use. */
export function fileSettings(scope: ConfigurationScope) {
  const settings = workspace.getConfiguration(SECTION, scope);
  return {
    predictOnOpen: settings.get('predictOnOpen', true),
    columns: {
      text: settings.get('columns.text', '') || undefined,
      label: settings.get('columns.label', '') || undefined,
      id: settings.get('columns.id', '') || undefined,
    } satisfies ChosenColumns,
    decorationsEnabled: settings.get('decorations.enabled', true),
    /** undefined: no diagnostics. */
    diagnosticSeverity: severities[settings.get('diagnostics.severity', 'information')],
    preserveLineEndings: settings.get('preserveLineEndings', true),
  };
}

/** The settings of the model, which all files share. */
export function modelSettings() {
  const settings = workspace.getConfiguration(SECTION);
  // What a person wrote into settings.json may be anything.
  const number = (name: string, otherwise: number) => {
    const value: unknown = settings.get(name);
    return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.floor(value) : otherwise;
  };
  const threads = number('model.threads', 0);
  const precision: Precision = settings.get('model.precision') === ('fp32' as string) ? 'fp32' : 'int8';
  return {
    /** Empty: the built-in model. */
    path: absolute(settings.get('model.path', '').trim()),
    precision,
    maxLength: Math.max(2, number('model.maxLength', 256)),
    threads: threads > 0 ? threads : Math.max(1, Math.min(4, availableParallelism() - 1)),
  };
}

const engineNames = ['auto', 'tensorflow', 'onnxruntime'] as const;

/** The settings of training. */
export function trainingSettings() {
  const settings = workspace.getConfiguration(SECTION);
  const whole = (name: string, otherwise: number) => {
    const value: unknown = settings.get(name);
    return typeof value === 'number' && Number.isInteger(value) && value >= 1 ? value : otherwise;
  };
  const critical: unknown = settings.get('training.criticalLabels');
  return {
    epochs: whole('training.epochs', 5),
    batchSize: whole('training.batchSize', 8),
    engine: engineNames.find((name) => name === settings.get('training.engine')) ?? 'auto',
    /** Empty: every label but the most frequent. */
    criticalLabels: Array.isArray(critical)
      ? critical.filter((label): label is string => typeof label === 'string')
      : [],
  };
}

/** The settings of the TensorFlow engine. */
export function tensorFlowSettings() {
  const mirror: unknown = workspace.getConfiguration(SECTION).get('tensorflow.mirror');
  return {
    /** Empty: the upstream archive. */
    mirror: typeof mirror === 'string' ? mirror.trim() : '',
  };
}

/** A path in the settings is relative to the workspace; `~` is the home folder. */
function absolute(path: string): string {
  if (path === '' || isAbsolute(path)) return path;
  if (path === '~' || path.startsWith('~/') || path.startsWith('~\\')) return join(homedir(), path.slice(1));
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath;
  return folder === undefined ? path : join(folder, path);
}
