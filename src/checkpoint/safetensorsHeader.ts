import { UserError } from '../core/userError.ts';
import { damagedFile } from './checkpointRefusals.ts';
import { elementBytes } from './tensorElements.ts';
import type { TensorDataType } from './tensorSource.ts';

/** One tensor of the header; `begin` and `end` in bytes from the start of the data, `end` exclusive. */
export interface SafetensorsEntry {
  readonly dtype: TensorDataType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** What the checks need to know about the file; sizes in bytes. */
export interface SafetensorsFileFacts {
  readonly fileName: string;
  /** Size of the whole file. */
  readonly size: number;
  /** Where the header ends and the data starts. */
  readonly dataStart: number;
}

/**
 * Parses the header of a safetensors file and checks what the reference reader checks: every tensor has the length of its
 * shape, and the tensors tile the data without a hole, an overlap or a rest.
 * @throws UserError BAD_CHECKPOINT naming the file, the tensor and what to do
 */
export function parseSafetensorsHeader(
  header: Uint8Array,
  facts: SafetensorsFileFacts,
): ReadonlyMap<string, SafetensorsEntry> {
  const entries = new Map<string, SafetensorsEntry>();
  for (const [name, value] of Object.entries(parseObject(header, facts.fileName))) {
    if (name !== '__metadata__') entries.set(name, parseEntry(name, value, facts.fileName));
  }
  checkTiling(entries, facts);
  return entries;
}

function parseObject(header: Uint8Array, fileName: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch (cause) {
    throw new UserError(
      'BAD_CHECKPOINT',
      `The header of ${fileName} is not JSON: the file is damaged or no safetensors file; copy or download it again.`,
      { cause },
    );
  }
  if (!isRecord(parsed)) throw damagedFile(fileName, 'its header is not a JSON object');
  return parsed;
}

function parseEntry(name: string, value: unknown, fileName: string): SafetensorsEntry {
  if (!isRecord(value)) throw damagedFile(fileName, `the entry of ${name} is not a JSON object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') throw damagedFile(fileName, `${name} has no element type`);
  if (!isDataType(dtype)) {
    throw new UserError(
      'BAD_CHECKPOINT',
      `${fileName} stores ${name} as ${dtype}, which Caselight cannot read: save the model in F32, F16 or BF16.`,
    );
  }
  if (!isSizes(shape)) throw damagedFile(fileName, `${name} has no valid shape`);
  if (!isSizes(offsets) || offsets.length !== 2) throw damagedFile(fileName, `${name} has no valid data_offsets`);
  const [begin = 0, end = 0] = offsets;
  const length = shape.reduce((product, size) => product * size, elementBytes[dtype]);
  if (end - begin !== length) {
    throw damagedFile(
      fileName,
      `${name} spans ${end - begin} bytes but its shape [${shape.join(', ')}] needs ${length}`,
    );
  }
  return { dtype, shape, begin, end };
}

function checkTiling(entries: ReadonlyMap<string, SafetensorsEntry>, facts: SafetensorsFileFacts): void {
  const { fileName, size, dataStart } = facts;
  let covered = 0;
  for (const [name, { begin, end }] of [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    if (begin < covered) throw damagedFile(fileName, `${name} overlaps the tensor before it`);
    if (begin > covered) throw damagedFile(fileName, `${begin - covered} bytes before ${name} belong to no tensor`);
    covered = end;
  }
  const promised = dataStart + covered;
  if (size < promised) {
    throw new UserError(
      'BAD_CHECKPOINT',
      `${fileName} ends after ${size} bytes but its header promises ${promised}: copy or download it again.`,
    );
  }
  if (size > promised)
    throw damagedFile(fileName, `${size - promised} bytes after the last tensor belong to no tensor`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDataType(value: string): value is TensorDataType {
  return Object.hasOwn(elementBytes, value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
