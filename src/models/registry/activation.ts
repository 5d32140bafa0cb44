/** Where a version is kept: with the user, for all workspaces, or in the folder of one workspace. */
export type RegistryScope = 'global' | 'workspace';

/** Names a version in a registry. */
export interface ModelReference {
  readonly scope: RegistryScope;
  readonly id: string;
}

/** The model that a workspace predicts with. */
export type ModelChoice = ModelReference | 'built-in';

/** From `since` on, `model` was the one to predict with. */
export interface Activation {
  readonly model: ModelChoice;
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly action: 'chosen' | 'rolled back';
}

/** What a workspace predicts with and did before. */
export interface WorkspaceModels {
  /** To name it to a person in another workspace. */
  readonly workspaceName: string;
  /** Oldest first; the last one holds. At most 100 are kept. */
  readonly history: readonly Activation[];
  /** What rolling back goes through, nearest last. Unlike the history it gets shorter on the way back. */
  readonly earlier: readonly ModelChoice[];
}

const LONGEST_HISTORY = 100;

export function sameModel(one: ModelChoice, other: ModelChoice): boolean {
  if (one === 'built-in' || other === 'built-in') return one === other;
  return one.scope === other.scope && one.id === other.id;
}

/** The built-in model, until another one is chosen. */
export function currentModel(models: WorkspaceModels | undefined): ModelChoice {
  return models?.history.at(-1)?.model ?? 'built-in';
}

/** Chooses a model. What was in use becomes the first to roll back to. @param since ISO 8601 */
export function chooseModel(
  models: WorkspaceModels | undefined,
  model: ModelChoice,
  since: string,
  workspaceName: string,
): WorkspaceModels {
  const present = currentModel(models);
  const { history = [], earlier = [] } = models ?? {};
  if (sameModel(present, model)) return { workspaceName, history, earlier };
  return {
    workspaceName,
    history: [...history, { model, since, action: 'chosen' } as const].slice(-LONGEST_HISTORY),
    earlier: [...earlier, present].slice(-LONGEST_HISTORY),
  };
}

/**
 * Goes back to the model that was in use before the present one; called again, to the one before that. Models that are no
 * longer there are passed over.
 * @returns undefined if there is none to go back to
 */
export function rollBackModel(
  models: WorkspaceModels | undefined,
  isThere: (model: ModelChoice) => boolean,
  since: string,
): WorkspaceModels | undefined {
  if (models === undefined) return undefined;
  const present = currentModel(models);
  const position = models.earlier.findLastIndex((model) => !sameModel(model, present) && isThere(model));
  const model = models.earlier[position];
  if (model === undefined) return undefined;
  return {
    workspaceName: models.workspaceName,
    history: [...models.history, { model, since, action: 'rolled back' } as const].slice(-LONGEST_HISTORY),
    earlier: models.earlier.slice(0, position),
  };
}
