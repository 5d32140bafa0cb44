import { createHash } from 'node:crypto';
import type { Memento, Uri } from 'vscode';
import type { RecordFacts } from './caseDocument.ts';

/**
 * Records whose label a person kept and marked as checked, remembered across reloads. A mark belongs to a record's id,
 * narrative and label together: when one of them changes, it no longer holds. Only hashes are stored, a list a file.
 */
export class CheckedRecords {
  /** As read from the store; another window may have written more, which is merged before writing. */
  readonly #marks = new Map<string, Set<string>>();

  constructor(readonly memento: Memento) {}

  has(uri: Uri, facts: RecordFacts): boolean {
    let marks = this.#marks.get(uri.toString());
    if (marks === undefined) {
      marks = new Set(this.#stored(uri));
      this.#marks.set(uri.toString(), marks);
    }
    // Most files have no marks: then nothing is hashed.
    return marks.size > 0 && marks.has(markOf(facts));
  }

  async add(uri: Uri, facts: RecordFacts): Promise<void> {
    const marks = new Set([...this.#stored(uri), ...(this.#marks.get(uri.toString()) ?? []), markOf(facts)]);
    this.#marks.set(uri.toString(), marks);
    await this.memento.update(keyOf(uri), [...marks]);
  }

  #stored(uri: Uri): readonly string[] {
    return this.memento.get<string[]>(keyOf(uri), []);
  }
}

function keyOf(uri: Uri): string {
  return `caselight.checked:${uri.toString()}`;
}

function markOf({ id, textHash, label }: RecordFacts): string {
  return createHash('sha256')
    .update(JSON.stringify([id ?? null, textHash ?? null, label ?? null]))
    .digest('base64url')
    .slice(0, 22);
}
