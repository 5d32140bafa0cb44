import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Precision } from '../models/derivedModel.ts';
import { TRAINING_OPTIONS, type TrainingOptions, trainingOptions } from './trainingOptions.ts';
import { UsageError } from './usageError.ts';

/** Options of every command that reads a model or a file. */
export interface CommandOptions {
  readonly positionals: readonly string[];
  readonly model: string;
  readonly columns: { readonly text?: string; readonly label?: string; readonly id?: string };
  readonly maxLength: number;
  readonly precision: Precision;
  readonly threads: number;
  readonly encoding: string | undefined;
  readonly output: string;
  readonly format: 'csv' | 'jsonl';
  readonly probabilities: boolean;
  readonly logits: boolean;
  readonly escapeFormulas: boolean;
  readonly json: boolean;
  readonly labels: readonly string[] | undefined;
  readonly name: string | undefined;
  readonly revision: string | undefined;
  readonly endpoint: string | undefined;
  readonly file: string | undefined;
  readonly sha256: string | undefined;
  readonly mirror: string | undefined;
  readonly pip: boolean;
  readonly force: boolean;
  readonly seed: number;
  readonly sample: number;
  readonly training: TrainingOptions;
}

const SHARED = ['model', 'text', 'label', 'id', 'max-length', 'precision', 'threads', 'encoding'] as const;

/** Options each command takes beside the shared ones. */
const OWN: Record<string, readonly string[]> = {
  classify: ['json'],
  predict: ['output', 'format', 'probabilities', 'logits', 'escape-formulas'],
  evaluate: ['json'],
  download: ['output', 'revision', 'endpoint', 'json'],
  import: ['output', 'labels', 'name', 'seed', 'json'],
  'install-tensorflow': ['file', 'sha256', 'mirror', 'pip', 'force', 'json'],
  precision: ['sample', 'seed', 'json'],
  tokens: [],
  train: ['output', 'name', 'json', ...TRAINING_OPTIONS],
};

const FLAGS = new Set(['json', 'probabilities', 'logits', 'escape-formulas', 'pip', 'force']);

/** @throws UsageError for an unknown option, a missing value or a value out of range */
export function parseOptions(command: string, args: readonly string[]): CommandOptions {
  const names = [...SHARED, ...(OWN[command] ?? [])];
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: Object.fromEntries(
        names.map((name) => [name, { type: FLAGS.has(name) ? ('boolean' as const) : ('string' as const) }]),
      ),
    });
  } catch (error) {
    // Node adds hints for programmers behind its first sentence.
    throw new UsageError(`${(error instanceof Error ? error.message : String(error)).split('. ')[0]}.`);
  }
  const { positionals } = parsed;
  const values = parsed.values as Record<string, string | boolean | undefined>;
  const text = (name: string): string | undefined => values[name] as string | undefined;
  const column = (name: 'text' | 'label' | 'id') => (text(name) === undefined ? {} : { [name]: text(name) });
  const maxLength = wholeNumber('max-length', text('max-length') ?? '256', 2, 100_000);
  return {
    positionals,
    model: text('model') ?? join(__dirname, '..', 'models', 'default'),
    columns: { ...column('text'), ...column('label'), ...column('id') },
    maxLength,
    precision: oneOf('precision', text('precision') ?? 'fp32', ['fp32', 'int8']),
    threads: wholeNumber('threads', text('threads') ?? String(Math.min(8, availableParallelism())), 1, 256),
    encoding: text('encoding'),
    output: text('output') ?? '-',
    format: oneOf('format', text('format') ?? 'csv', ['csv', 'jsonl']),
    probabilities: values.probabilities === true,
    logits: values.logits === true,
    escapeFormulas: values['escape-formulas'] === true,
    json: values.json === true,
    labels: text('labels')
      ?.split(',')
      .map((label) => label.trim()),
    name: text('name'),
    revision: text('revision'),
    endpoint: text('endpoint'),
    file: text('file'),
    sha256: text('sha256'),
    mirror: text('mirror'),
    pip: values.pip === true,
    force: values.force === true,
    sample: wholeNumber('sample', text('sample') ?? '500', 1, 1_000_000),
    training: trainingOptions(text, maxLength),
    seed: wholeNumber('seed', text('seed') ?? '42', 0, 2 ** 32 - 1),
  };
}

function wholeNumber(name: string, value: string, min: number, max: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= max) return number;
  throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, not "${value}".`);
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw new UsageError(`--${name} takes ${allowed.join(' or ')}, not "${value}".`);
}
