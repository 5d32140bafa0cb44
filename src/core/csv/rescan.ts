import { bodyStartOf } from './byteOrderMark.ts';
import { scanCsv } from './csvScanner.ts';
import { CsvTable } from './csvTable.ts';
import { type Dialect, SNIFFED_CHARACTERS, sniffDialect } from './dialect.ts';
import { countUpTo, type RecordIndex, RecordIndexBuilder, spliceRecordIndex } from './recordIndex.ts';
import { RecordReader } from './recordReader.ts';

/** An edit: the characters of the old text from `start` to `oldEnd` became those of the new text from `start` to `newEnd`. */
export interface TextChange {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

/** A table after an edit, and which of its data records are not those of before. */
export interface Rescan {
  readonly table: CsvTable;
  /** Index of the first data record that was replaced; the records before it are as they were. */
  readonly firstRecord: number;
  /** Number of old data records from `firstRecord` on that are gone; those after them were at most shifted. */
  readonly removedRecords: number;
  /** Number of new data records from `firstRecord` on that came instead. */
  readonly addedRecords: number;
  /** Whether the header was read anew. */
  readonly headerTouched: boolean;
}

/**
 * The table of `newText`, equal to a full scan with the options of `table`. Only the stretch from the record before the
 * change to the first old record start behind it is read; all that follows is shifted. The whole text is read where the
 * edit moves the content's start or makes the sniffed delimiter another one.
 *
 * Several edits of one text are applied one after the other, or given as the one change that spans them.
 *
 * @throws Error where the change does not lie in the two texts
 */
export function rescan(table: CsvTable, newText: string, change: TextChange): Rescan {
  const { start, oldEnd, newEnd } = change;
  const shift = newEnd - oldEnd;
  const isOrdered = 0 <= start && start <= oldEnd && start <= newEnd && oldEnd <= table.text.length;
  if (!isOrdered || table.text.length + shift !== newText.length) {
    throw new Error(
      `Change ${start}..${oldEnd} to ${start}..${newEnd} does not turn ${table.text.length} into ${newText.length} characters.`,
    );
  }
  const bodyStart = bodyStartOf(newText, table.options.bodyStart);
  const dialect = dialectAfter(table, newText, start);
  if (bodyStart !== table.bodyStart || dialect.delimiter !== table.dialect.delimiter) {
    const full = scanCsv(newText, table.options);
    const counts = { removedRecords: table.recordCount, addedRecords: full.recordCount };
    return { table: full, firstRecord: 0, ...counts, headerTouched: true };
  }

  const first = firstToRead(table.index, start);
  const { added, last } = readStretch(table, newText, change, first);
  const index = spliceRecordIndex(table.index, first, last, added, shift);
  const next = new CsvTable({ text: newText, options: table.options, dialect, bodyStart, index });
  return { table: next, ...replacedRecords(table, next, { start, first, last }) };
}

function dialectAfter(table: CsvTable, newText: string, changeStart: number): Dialect {
  if (table.options.dialect !== undefined) return table.options.dialect;
  const shortest = Math.min(table.text.length, newText.length);
  if (changeStart >= SNIFFED_CHARACTERS && shortest > SNIFFED_CHARACTERS) return table.dialect;
  return sniffDialect(newText, table.options.bodyStart);
}

/**
 * Position in the index of the record to read on from: the last that ends at or before the change. The change can touch its
 * terminator and the blank lines after it, but no record before it.
 */
function firstToRead({ ends }: RecordIndex, changeStart: number): number {
  return Math.max(0, countUpTo(ends, changeStart) - 1);
}

/**
 * Reads from the record at `first` to where a record starts behind the change and one did before: from there on the text is
 * the same and the reader remembers nothing, so all else is the same too. `last` is the position of that old record.
 */
function readStretch(
  table: CsvTable,
  newText: string,
  { oldEnd, newEnd }: TextChange,
  first: number,
): { added: RecordIndex; last: number } {
  const { starts } = table.index;
  const reader = new RecordReader(table.dialect.delimiter);
  const builder = new RecordIndexBuilder(16);
  let last = first;
  let start = first === 0 ? table.bodyStart : (starts[first] ?? table.bodyStart);
  while (start < newText.length) {
    const oldStart = start + oldEnd - newEnd;
    if (start >= newEnd) {
      while (last < starts.length && (starts[last] ?? 0) < oldStart) last++;
      if (starts[last] === oldStart) return { added: builder.build(), last };
    }
    reader.read(newText, start, true);
    if (reader.end > start) builder.add(start, reader.end, reader.fieldCount, reader.faults);
    start = reader.next;
  }
  return { added: builder.build(), last: starts.length };
}

/** Turns positions in the old index (the header is 0, `last` exclusive) into data records, as few as the change allows. */
function replacedRecords(
  old: CsvTable,
  next: CsvTable,
  { start, first, last }: { start: number; first: number; last: number },
): Omit<Rescan, 'table'> {
  let position = first;
  while (position < last && isSameBefore(start, old.index, next.index, position)) position++;
  const firstRecord = Math.max(0, position - 1);
  // A header can become a data record and the other way round, so what is kept is counted from the end.
  const kept = Math.min(old.index.starts.length - last, old.recordCount - firstRecord, next.recordCount - firstRecord);
  return {
    firstRecord,
    removedRecords: old.recordCount - firstRecord - kept,
    addedRecords: next.recordCount - firstRecord - kept,
    headerTouched: position === 0,
  };
}

/** Whether the record at `position` lies before the change and is one and the same in both. */
function isSameBefore(changeStart: number, old: RecordIndex, next: RecordIndex, position: number): boolean {
  const end = old.ends[position];
  return (
    end !== undefined &&
    end <= changeStart &&
    end === next.ends[position] &&
    old.starts[position] === next.starts[position]
  );
}
