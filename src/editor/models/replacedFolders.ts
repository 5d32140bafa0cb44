import type { ModelChoice } from '../../models/registry/activation.ts';

/** A folder that was used where it lies, until a model took its place. The registry knows nothing of such folders. */
export interface ReplacedFolder {
  readonly folder: string;
  /** Key of what took its place. */
  readonly by: string;
  /** Key of what the registry would have used without the folder. */
  readonly under: string;
}

const MOST_REMEMBERED = 100;

/** Names a model among all that can be in use. */
export function modelKey(choice: ModelChoice | undefined, directory: string): string {
  if (choice === undefined) return `folder ${directory}`;
  return choice === 'built-in' ? choice : `${choice.scope}/${choice.id}`;
}

/**
 * Remembers what a choice took the place of.
 * @param by key of what was chosen
 * @param replaced absent where no folder was in use: going back from it is then for the registry
 */
export function withReplaced(
  folders: readonly ReplacedFolder[],
  by: string,
  replaced: Omit<ReplacedFolder, 'by'> | undefined,
): readonly ReplacedFolder[] {
  const others = folders.filter((each) => each.by !== by);
  return (replaced === undefined ? others : [...others, { ...replaced, by }]).slice(-MOST_REMEMBERED);
}
