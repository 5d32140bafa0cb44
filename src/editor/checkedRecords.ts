import { createHash } from 'node:crypto';
import type { Memento, Uri } from 'vscode';
import type { RecordFacts } from './caseDocument.ts';

const KEY = 'caselight.checked';

/**
 * Records whose label a person kept and marked as checked, remembered across reloads. A mark belongs to a record's id,
 * narrative and label together: when one of them changes, it no longer holds. Only hashes are stored.
 */
export class CheckedRecords {
  readonly #marks = new Map<string, Set<string>>();

  constructor(readonly memento: Memento) {
    const stored = memento.get<Record<string, string[]>>(KEY, {});
    for (const [uri, marks] of Object.entries(stored)) this.#marks.set(uri, new Set(marks));
  }

  has(uri: Uri, facts: RecordFacts): boolean {
    const marks = this.#marks.get(uri.toString());
    // Most files have no marks: then nothing is hashed.
    return marks?.has(markOf(facts)) ?? false;
  }

  async add(uri: Uri, facts: RecordFacts): Promise<void> {
    const marks = this.#marks.get(uri.toString()) ?? new Set();
    this.#marks.set(uri.toString(), marks.add(markOf(facts)));
    const stored = Object.fromEntries([...this.#marks].map(([file, each]) => [file, [...each]]));
    await this.memento.update(KEY, stored);
  }
}

function markOf({ id, textHash, label }: RecordFacts): string {
  return createHash('sha256')
    .update(JSON.stringify([id ?? null, textHash ?? null, label ?? null]))
    .digest('base64url')
    .slice(0, 22);
}
