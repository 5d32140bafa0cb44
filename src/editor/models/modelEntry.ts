import type { ModelChoice } from '../../models/registry/activation.ts';
import type { ModelVersion } from '../../models/registry/modelVersion.ts';

/** A model that a person can choose: built in, a version of the registry, or a folder that the settings name. */
export interface ModelEntry {
  readonly name: string;
  /** Absolute path of the model directory. */
  readonly directory: string;
  readonly isActive: boolean;
  /** Undefined for a folder of the settings. */
  readonly choice: ModelChoice | undefined;
  /** Undefined for the built-in model and a folder. */
  readonly version: ModelVersion | undefined;
}

/** Whether its classification head was made up at import: what it predicts then is chance. */
export function isUntrained({ version }: ModelEntry): boolean {
  const { origin, hyperParameters } = version?.manifest ?? {};
  return (origin?.freshTensors.length ?? 0) > 0 && hyperParameters === undefined;
}
