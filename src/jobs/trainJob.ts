import { ModelRegistry } from '../models/registry/modelRegistry.ts';
import { measureStep } from '../training/measureStep.ts';
import type { TrainingOutcome } from '../training/trainingRun.ts';
import { trainModel } from '../training/trainModel.ts';
import type { JobHandler } from './jobs.ts';

/** Trains a model and adds it to the registry. It is not chosen: whether it takes the old one's place is for the host to say. */
export const trainJob: JobHandler<'train'> = async ({ run, registry, scope }, { signal, onEvent }) => {
  let outcome: TrainingOutcome | undefined;
  const fill = async (directory: string) => {
    ({ outcome } = await trainModel(run, directory, { signal, onEvent }));
  };
  const added = await new ModelRegistry(registry).add(fill, { name: run.name, scope, signal });
  if (outcome === undefined) throw new Error('a version was added that was never written');
  return { ...added, outcome };
};

/** Times a step, for the time that a run is expected to take. */
export const measureTrainingJob: JobHandler<'measureTraining'> = async ({ run }, { signal }) =>
  measureStep(run, signal);
