import type { TextDocument, TextDocumentChangeEvent, TextDocumentContentChangeEvent } from 'vscode';
import { CsvScanner } from '../core/csv/csvScanner.ts';
import type { CsvTable } from '../core/csv/csvTable.ts';
import { rescan, type TextChange } from '../core/csv/rescan.ts';
import { TimeSlice } from '../inference/timeSlice.ts';

/** Which data records are not those of before: `removed` from `first` on are gone and `added` came instead. */
export interface RecordSplice {
  readonly first: number;
  readonly removed: number;
  readonly added: number;
  readonly headerTouched: boolean;
}

// A fraction of a millisecond of scanning.
const STEP_CHARACTERS = 50_000;

/** The table of an open document, scanned in slices at first and kept in step with its edits after that. */
export class DocumentTable {
  #table: CsvTable | undefined;
  #version = -1;

  constructor(readonly document: TextDocument) {}

  /** The table of the document as it is now; undefined while it is first scanned. */
  get current(): CsvTable | undefined {
    return this.#version === this.document.version ? this.#table : undefined;
  }

  /** Scans the whole document; starts again when it is edited meanwhile. */
  async scan(): Promise<CsvTable> {
    for (;;) {
      const slice = new TimeSlice();
      // A large document has kept VS Code busy already in the turn in which it tells of it.
      await slice.pause();
      const { version } = this.document;
      const text = this.document.getText();
      await slice.pause();
      const scanner = new CsvScanner(text);
      while (this.document.version === version && !scanner.advance(STEP_CHARACTERS)) {
        if (slice.isOver) await slice.pause();
      }
      if (this.document.version !== version) continue;
      this.#table = scanner.finish();
      this.#version = version;
      return this.#table;
    }
  }

  /**
   * Takes an edit over.
   * @returns undefined where the first scan is still under way, which will see the edit itself
   */
  update(event: TextDocumentChangeEvent): RecordSplice | undefined {
    const old = this.#table;
    if (old === undefined) return undefined;
    this.#version = this.document.version;
    if (event.contentChanges.length === 0) return { first: 0, removed: 0, added: 0, headerTouched: false };
    const result = rescan(old, this.#textAfter(old.text, event), spanOf(event));
    this.#table = result.table;
    const { firstRecord, removedRecords, addedRecords, headerTouched } = result;
    return { first: firstRecord, removed: removedRecords, added: addedRecords, headerTouched };
  }

  /** The text after an edit. `getText` joins all lines anew, which takes tens of milliseconds in a large file. */
  #textAfter(before: string, { contentChanges }: TextDocumentChangeEvent): string {
    let text = before;
    for (const { rangeOffset, rangeLength, text: added } of contentChanges.toSorted(byOffsetDescending)) {
      text = text.slice(0, rangeOffset) + added + text.slice(rangeOffset + rangeLength);
    }
    const { document } = this;
    const length = document.offsetAt(document.lineAt(document.lineCount - 1).range.end);
    // Should VS Code ever describe an edit in another way, the document is right.
    return text.length === length ? text : document.getText();
  }
}

function byOffsetDescending(a: TextDocumentContentChangeEvent, b: TextDocumentContentChangeEvent): number {
  return b.rangeOffset - a.rangeOffset;
}

/** The one change that spans all changes of an event, whose offsets are all those of the text before it. */
function spanOf({ contentChanges }: TextDocumentChangeEvent): TextChange {
  let start = Number.MAX_SAFE_INTEGER;
  let oldEnd = 0;
  let growth = 0;
  for (const { rangeOffset, rangeLength, text } of contentChanges) {
    start = Math.min(start, rangeOffset);
    oldEnd = Math.max(oldEnd, rangeOffset + rangeLength);
    growth += text.length - rangeLength;
  }
  return { start, oldEnd, newEnd: oldEnd + growth };
}
