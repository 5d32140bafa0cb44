import type { RunView } from './runView.ts';

/** From the editor to the panel *Training*: the whole of what it shows, whenever that changes. */
export type PanelMessage = { readonly type: 'view'; readonly view: RunView | null };

/** What a person does in the panel, and that it is there to be shown something. */
export type PanelRequest = { readonly type: 'ready' | 'cancel' | 'use' | 'keep' | 'retrain' | 'showLog' };

const REQUESTS = new Set<unknown>(['ready', 'cancel', 'use', 'keep', 'retrain', 'showLog']);

/** Checks a message from the panel. @returns undefined where it is not one of ours */
export function parsePanelRequest(value: unknown): PanelRequest | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return REQUESTS.has((value as { type?: unknown }).type) ? (value as PanelRequest) : undefined;
}
