import type { PrecisionComparison } from './precisionComparison.ts';

/** How a model of a lower precision is made. */
export interface QuantizationRecipe {
  /** Another recipe has another name. */
  readonly name: string;
  /** What is quantized how, as a phrase. */
  readonly description: string;
}

/** What int8 changes for one model and the texts of one file, measured. */
export interface PrecisionReport {
  readonly model: string;
  /** `ModelDescription.hash` of the model. */
  readonly modelHash: string;
  readonly recipe: QuantizationRecipe;
  /** Different texts that the sample was drawn from; the sample is `comparison.count` of them. */
  readonly available: number;
  readonly comparison: PrecisionComparison;
  /** Positions, among all texts that were given, of those that get another label in int8. */
  readonly flippedTexts: readonly number[];
  /** Time of prediction alone, measured in turn on the same texts. */
  readonly secondsPer100Texts: { readonly fp32: number; readonly int8: number };
}
