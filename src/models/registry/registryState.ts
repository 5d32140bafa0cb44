import { UserError } from '../../core/userError.ts';
import type { Activation, ModelChoice, WorkspaceModels } from './activation.ts';

const SCHEMA_VERSION = 1;

/** What `registry.json` says: all of a registry that can change. The versions themselves are the folders beside it. */
export interface RegistryState {
  /** Id of a version to its name. */
  readonly names: ReadonlyMap<string, string>;
  /** Key of a workspace to its models. */
  readonly workspaces: ReadonlyMap<string, WorkspaceModels>;
}

export const EMPTY_STATE: RegistryState = { names: new Map(), workspaces: new Map() };

/** The text of `registry.json`. */
export function formatRegistryState({ names, workspaces }: RegistryState): string {
  const json = {
    schemaVersion: SCHEMA_VERSION,
    versions: Object.fromEntries([...names].map(([id, name]) => [id, { name }])),
    workspaces: Object.fromEntries(workspaces),
  };
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

/**
 * Reads the text of `registry.json`.
 * @returns undefined if it is damaged
 * @throws UserError REGISTRY_TOO_NEW
 */
export function parseRegistryState(text: string): RegistryState | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(json)) return undefined;
  const { schemaVersion, versions, workspaces } = json;
  if (typeof schemaVersion === 'number' && schemaVersion > SCHEMA_VERSION) {
    throw new UserError(
      'REGISTRY_TOO_NEW',
      `The list of models was written by a newer Caselight (schema ${schemaVersion}): update Caselight here too.`,
    );
  }
  if (schemaVersion !== SCHEMA_VERSION || !isRecord(versions) || !isRecord(workspaces)) return undefined;
  const names = new Map<string, string>();
  for (const [id, version] of Object.entries(versions)) {
    if (!isRecord(version) || typeof version.name !== 'string') return undefined;
    names.set(id, version.name);
  }
  if (!Object.values(workspaces).every(isWorkspaceModels)) return undefined;
  return { names, workspaces: new Map(Object.entries(workspaces as Record<string, WorkspaceModels>)) };
}

function isWorkspaceModels(value: unknown): value is WorkspaceModels {
  if (!isRecord(value)) return false;
  const { workspaceName, history, earlier } = value;
  return (
    typeof workspaceName === 'string' &&
    Array.isArray(history) &&
    history.every(isActivation) &&
    Array.isArray(earlier) &&
    earlier.every(isModelChoice)
  );
}

function isActivation(value: unknown): value is Activation {
  return (
    isRecord(value) &&
    isModelChoice(value.model) &&
    typeof value.since === 'string' &&
    (value.action === 'chosen' || value.action === 'rolled back')
  );
}

function isModelChoice(value: unknown): value is ModelChoice {
  if (value === 'built-in') return true;
  return isRecord(value) && (value.scope === 'global' || value.scope === 'workspace') && typeof value.id === 'string';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
