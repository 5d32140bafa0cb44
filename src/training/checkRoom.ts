import type { BertConfig } from '../checkpoint/bertConfig.ts';
import { bertTensorShapes } from '../checkpoint/bertTensors.ts';
import { sizeText } from '../core/sizeText.ts';
import type { TrainingScope } from '../core/training/trainingRecipe.ts';
import { UserError } from '../core/userError.ts';
import { availableMemoryBytes } from './availableMemory.ts';
import { freeDiskBytes } from './freeDiskBytes.ts';
import { type MemoryRoom, tooLittleMemory } from './memoryRoom.ts';
import type { StartingPoint } from './startingPoint.ts';
import type { TrainingEngine } from './trainingEngine.ts';
import { trainedTensors, trainingMemoryBytes } from './trainingMemory.ts';
import type { TrainingRun } from './trainingRun.ts';

/** @throws UserError OUT_OF_MEMORY, IO_ERROR */
export async function checkRoom(
  { config }: StartingPoint,
  run: TrainingRun,
  engine: TrainingEngine,
): Promise<MemoryRoom> {
  const room: MemoryRoom = {
    neededBytes: trainingMemoryBytes(config, run.recipe, engine.name),
    availableBytes: await availableMemoryBytes(),
  };
  if (room.availableBytes !== undefined && room.neededBytes > room.availableBytes) throw tooLittleMemory(room);
  const wanted = checkpointBytes(config, run.recipe.scope);
  const free = await freeDiskBytes(run.staging);
  if (free === undefined || wanted <= free) return room;
  throw new UserError(
    'IO_ERROR',
    `Training needs about ${sizeText(wanted)} on the disk for checkpoints, and ${sizeText(free)} are free: free some space, or train fewer layers.`,
  );
}

/** Bytes on the disk: two checkpoints for a moment, the best weights, and the model. */
export function checkpointBytes(config: BertConfig, scope: TrainingScope): number {
  const shapes = bertTensorShapes(config);
  const bytes = (names: Iterable<string>) =>
    [...names].reduce(
      (sum, name) => sum + 4 * (shapes.get(name) ?? []).reduce((product, size) => product * size, 1),
      0,
    );
  return 7 * bytes(trainedTensors(config, scope)) + bytes(shapes.keys());
}
