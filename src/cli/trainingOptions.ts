import {
  editorRecipe,
  editorRecipeFor,
  notebookRecipe,
  parseTrainingScope,
  type TrainingRecipe,
  type TrainingScope,
} from '../core/training/trainingRecipe.ts';
import type { EngineName } from '../training/trainingEngine.ts';
import { UsageError } from './usageError.ts';

/** Options of `caselight train` alone. */
export interface TrainingOptions {
  readonly base: string | undefined;
  readonly engine: 'auto' | EngineName;
  readonly recipe: TrainingRecipe;
  readonly validationFile: string | undefined;
}

/** Their names, as they are typed. */
export const TRAINING_OPTIONS = [
  'base',
  'engine',
  'recipe',
  'scope',
  'epochs',
  'batch-size',
  'learning-rate',
  'optimizer',
  'dropout',
  'class-weights',
  'keep',
  'validation',
  'validation-file',
  'split',
  'seed',
] as const;

/**
 * Reads them: the recipe that `--recipe` names, with what else is given in its place.
 * @param text value of an option; undefined where it was not given
 * @throws UsageError
 */
export function trainingOptions(text: (name: string) => string | undefined, maxLength: number): TrainingOptions {
  const choice = <T extends string>(name: string, allowed: readonly T[], fallback: T): T => {
    const value = text(name) ?? fallback;
    const found = allowed.find((each) => each === value);
    if (found !== undefined) return found;
    throw new UsageError(`--${name} takes ${allowed.join(' or ')}, not "${value}".`);
  };
  const number = (name: string, fallback: number, says: string, fits: (value: number) => boolean): number => {
    const given = text(name);
    if (given === undefined) return fallback;
    const value = given.trim() === '' ? Number.NaN : Number(given);
    if (Number.isFinite(value) && fits(value)) return value;
    throw new UsageError(`--${name} takes ${says}, not "${given}".`);
  };
  const whole = (most: number) => (value: number) => Number.isInteger(value) && value >= 1 && value <= most;
  const trained = scope(text('scope'), notebookRecipe.scope);
  const preset =
    choice('recipe', ['notebook', 'editor'], 'notebook') === 'editor'
      ? editorRecipeFor(trained)
      : { ...notebookRecipe, scope: trained };
  const optimizer = choice('optimizer', ['adam', 'adamw'], preset.optimizer);
  return {
    base: text('base'),
    engine: choice('engine', ['auto', 'tensorflow', 'onnxruntime'], 'auto'),
    validationFile: text('validation-file'),
    recipe: {
      ...preset,
      epochs: number('epochs', preset.epochs, 'a whole number from 1 to 1000', whole(1_000)),
      batchSize: number('batch-size', preset.batchSize, 'a whole number from 1 to 1024', whole(1_024)),
      maxLength,
      learningRate: number(
        'learning-rate',
        preset.learningRate,
        'a number above 0, such as 5e-5',
        (v) => v > 0 && v <= 1,
      ),
      optimizer,
      weightDecay: optimizer === 'adamw' ? editorRecipe.weightDecay : 0,
      dropout: number('dropout', preset.dropout, 'a share from 0 to less than 1', (v) => v >= 0 && v < 1),
      classWeights: choice('class-weights', ['none', 'balanced'], preset.classWeights),
      keep: choice('keep', ['last', 'best'], preset.keep),
      validation: number('validation', preset.validation, 'a share from 0 to less than 1', (v) => v >= 0 && v < 1),
      split: choice('split', ['stratified', 'in-order'], preset.split),
      seed: number(
        'seed',
        preset.seed,
        'a whole number from 0 to 4294967295',
        (v) => Number.isInteger(v) && v >= 0 && v < 2 ** 32,
      ),
    },
  };
}

function scope(value: string | undefined, fallback: TrainingScope): TrainingScope {
  if (value === undefined) return fallback;
  const found = parseTrainingScope(value);
  if (found !== undefined) return found;
  throw new UsageError(`--scope takes full, last-N such as last-2, or head, not "${value}".`);
}
