import { availableParallelism } from 'node:os';
import { type ConfigurationScope, DiagnosticSeverity, workspace } from 'vscode';
import type { ChosenColumns } from '../core/columns.ts';
import type { Precision } from '../inference/backend.ts';

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
  const threads = settings.get('model.threads', 0);
  return {
    /** Empty: the built-in model. */
    path: settings.get('model.path', '').trim(),
    precision: settings.get<Precision>('model.precision', 'int8'),
    maxLength: Math.max(2, Math.floor(settings.get('model.maxLength', 256))),
    threads: threads > 0 ? Math.floor(threads) : Math.max(1, Math.min(4, availableParallelism() - 1)),
  };
}
