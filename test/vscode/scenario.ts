import type { Profile, WorkspaceFiles } from './profile.ts';
import type { Settings } from './settings.ts';
import type { VscodeKind } from './versions.ts';
import type { VscodeWindow } from './window.ts';

/** A story of one person in one window. Each `ui/*.scenario.ts` exports one as `scenario`. */
export interface Scenario {
  /** What is shown, as a sentence. */
  readonly name: string;
  /** Files of the workspace when it opens. */
  readonly files?: WorkspaceFiles;
  /** User settings when it opens, over the quiet ones of settings.ts. */
  readonly settings?: Settings;
  /** Hard limit of `run` in milliseconds; 120 s unless told. */
  readonly limitMs?: number;
  /** Why the scenario makes no sense in that VS Code; undefined where it does. */
  skip?(kind: VscodeKind): string | undefined;
  /** Throws where the story goes wrong. */
  run(context: ScenarioContext): Promise<void>;
}

/** What a scenario works with. Everything is its own, fresh, and thrown away after it. */
export interface ScenarioContext {
  readonly kind: VscodeKind;
  readonly window: VscodeWindow;
  /** Files, settings and logs of this run. */
  readonly profile: Profile;
  readonly repositoryRoot: string;
}

/** Whether a module's export is a scenario. */
export function isScenario(value: unknown): value is Scenario {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'run' in value &&
    typeof value.run === 'function'
  );
}
