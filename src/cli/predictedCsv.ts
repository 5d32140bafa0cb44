import { encodeField } from '../core/csv/encodeField.ts';
import { decodeField } from '../core/csv/fields.ts';
import type { StreamedRecord } from '../core/csv/recordStream.ts';
import type { CaseFile } from './caseRecords.ts';
import type { DetailedPrediction } from './modelSession.ts';
import type { CommandOptions } from './options.ts';
import type { PredictionWriter } from './predictCommand.ts';

/**
 * Copies a CSV file and appends columns. Every character of the input stays as it is; only `escapeFormulas` changes
 * fields that a spreadsheet would run. The appended fields follow the file's own dialect and encoding.
 */
export class CsvWriter implements PredictionWriter {
  readonly #csv: CaseFile['csv'];
  readonly #names: readonly string[];

  constructor(
    { csv }: CaseFile,
    readonly labels: readonly string[],
    readonly options: Pick<CommandOptions, 'probabilities' | 'logits' | 'escapeFormulas'>,
  ) {
    this.#csv = csv;
    const names = ['predicted_label', 'confidence'];
    if (options.probabilities) names.push(...labels.map((label) => `probability_${label}`));
    if (options.logits) names.push(...labels.map((label) => `logit_${label}`));
    const taken = new Set(csv.header);
    this.#names = names.map((name) => firstFree(name, taken));
  }

  get byteOrderMark(): Buffer {
    return this.#csv.bom;
  }

  start(): string {
    return this.#piece(
      this.#csv.headerRecord,
      this.#names.map((name) => this.#encode(name)),
    );
  }

  record(record: StreamedRecord, { label, confidence, probabilities, logits }: DetailedPrediction): string {
    const numbers = [confidence];
    if (this.options.probabilities) numbers.push(...Array.from(probabilities));
    if (this.options.logits) numbers.push(...logits);
    // A negative number is no formula: with a ' before it, it would be text to a spreadsheet.
    const encoded = numbers.map((number) => this.#encode(number.toFixed(6), false));
    return this.#piece(record, [this.#encode(label), ...encoded]);
  }

  end(): string {
    return this.#csv.trailing;
  }

  toBytes(raw: string): Buffer {
    return this.#csv.text.toBytes(raw);
  }

  /** @param values encoded fields */
  #piece(record: StreamedRecord, values: readonly string[]): string {
    const { dialect, header } = this.#csv;
    const { leading, raw, terminator, fields, problems } = record;
    // The end of the file is inside of the field: whatever is appended would become part of it.
    if (problems.some(({ kind }) => kind === 'unclosedQuote')) return leading + raw + terminator;
    const missing = dialect.delimiter.repeat(Math.max(0, header.length - fields.length));
    const appended = values.map((value) => dialect.delimiter + value);
    return leading + this.#safe(record) + missing + appended.join('') + terminator;
  }

  #encode(value: string, escapeFormulas = this.options.escapeFormulas): string {
    return encodeField(this.#csv.text.encodeText(value), this.#csv.dialect, { escapeFormulas });
  }

  /** The record, with formulas disarmed where that was asked for. */
  #safe({ raw, fields }: StreamedRecord): string {
    if (!this.options.escapeFormulas) return raw;
    let safe = '';
    let copied = 0;
    for (const field of fields) {
      const value = decodeField(raw, field);
      const plain = encodeField(value, this.#csv.dialect, { quoted: field.quoted });
      const escaped = encodeField(value, this.#csv.dialect, { quoted: field.quoted, escapeFormulas: true });
      if (escaped === plain) continue;
      safe += raw.slice(copied, field.start) + escaped;
      copied = field.end;
    }
    return safe + raw.slice(copied);
  }
}

/** The name, or the name with the first number that no column has yet. */
function firstFree(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name}_${n}`;
  return free;
}
