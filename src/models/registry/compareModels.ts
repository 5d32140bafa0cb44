import { type FieldValue, flattenFields } from './flattenFields.ts';
import type { ModelFacts } from './modelFacts.ts';

/** One fact of two models side by side. */
export interface ComparisonRow {
  readonly section: 'metrics' | 'model' | 'data' | 'hyperParameters' | 'engine';
  /** Name of the field; of one in a group `group.field`. */
  readonly name: string;
  /** Undefined if the model does not have it. */
  readonly a: FieldValue | undefined;
  readonly b: FieldValue | undefined;
  /** Of metrics that are known to be better when higher, or lower, and differ. */
  readonly better?: 'a' | 'b';
}

/** Two models side by side. */
export interface ModelComparison {
  readonly rows: readonly ComparisonRow[];
  /**
   * Whether both manifests name the same data file; undefined if one of them names none. Metrics that were measured on other
   * records say little about which model is better.
   */
  readonly sameData: boolean | undefined;
}

const HIGHER_IS_BETTER = /(accuracy|precision|recall|f1|auc)$/i;
const LOWER_IS_BETTER = /(loss|error)$/i;

/** Compares what is recorded of two models. Lists of lists, such as confusion matrices, are left out. */
export function compareModels(a: ModelFacts, b: ModelFacts): ModelComparison {
  const [dataOfA, dataOfB] = [a.manifest?.data?.sha256, b.manifest?.data?.sha256];
  return {
    rows: [
      ...rowsOf('metrics', a.manifest?.metrics, b.manifest?.metrics).map(withBetter),
      ...rowsOf('model', modelFields(a), modelFields(b)),
      ...rowsOf('data', a.manifest?.data, b.manifest?.data),
      ...rowsOf('hyperParameters', a.manifest?.hyperParameters, b.manifest?.hyperParameters),
      ...rowsOf('engine', a.manifest?.engine, b.manifest?.engine),
    ],
    sameData: dataOfA === undefined || dataOfB === undefined ? undefined : dataOfA === dataOfB,
  };
}

function modelFields({ manifest, config, sizeBytes }: ModelFacts): Readonly<Record<string, unknown>> {
  const { architecture, labels, layerCount, hiddenSize, headCount, intermediateSize, maxPositions, vocabSize } = config;
  return {
    created: manifest?.created,
    parent: manifest?.parent?.name,
    labels,
    architecture,
    layerCount,
    hiddenSize,
    headCount,
    intermediateSize,
    maxPositions,
    vocabSize,
    sizeBytes,
  };
}

function rowsOf(section: ComparisonRow['section'], a: object | undefined, b: object | undefined): ComparisonRow[] {
  const [valuesOfA, valuesOfB] = [flattenFields(a ?? {}), flattenFields(b ?? {})];
  const names = new Set([...valuesOfA.keys(), ...valuesOfB.keys()]);
  return [...names].map((name) => ({ section, name, a: valuesOfA.get(name), b: valuesOfB.get(name) }));
}

function withBetter(row: ComparisonRow): ComparisonRow {
  const { name, a, b } = row;
  if (typeof a !== 'number' || typeof b !== 'number' || a === b) return row;
  if (HIGHER_IS_BETTER.test(name)) return { ...row, better: a > b ? 'a' : 'b' };
  if (LOWER_IS_BETTER.test(name)) return { ...row, better: a < b ? 'a' : 'b' };
  return row;
}
