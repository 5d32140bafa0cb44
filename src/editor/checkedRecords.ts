import { createHash } from 'node:crypto';
import type { Memento, Uri } from 'vscode';
import type { RecordFacts } from './recordFacts.ts';

/**
 * Records whose label a person decided on, remembered across reloads: they accepted it, chose it, or kept it. A mark belongs
 * to a record's id, narrative and label together: when one of them changes, it no longer holds. Only hashes are stored, a list
 * a file.
 */
export class CheckedRecords {
  /** As read from the store; another window may have written more, which is merged before writing. */
  readonly #marks = new Map<string, Set<string>>();

  constructor(readonly memento: Memento) {}

  /** Whether there are marks of a file at all: of one without, no record need be looked up. */
  hasAny(uri: Uri): boolean {
    return this.#known(uri).size > 0;
  }

  has(uri: Uri, facts: RecordFacts): boolean {
    const marks = this.#known(uri);
    // Most files have no marks: then nothing is hashed.
    return marks.size > 0 && marks.has(markOf(facts));
  }

  async add(uri: Uri, facts: RecordFacts): Promise<void> {
    const marks = new Set([...this.#stored(uri), ...(this.#marks.get(uri.toString()) ?? []), markOf(facts)]);
    this.#marks.set(uri.toString(), marks);
    await this.memento.update(keyOf(uri), [...marks]);
  }

  #known(uri: Uri): ReadonlySet<string> {
    let marks = this.#marks.get(uri.toString());
    if (marks === undefined) {
      marks = new Set(this.#stored(uri));
      this.#marks.set(uri.toString(), marks);
    }
    return marks;
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
