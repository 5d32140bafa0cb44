import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { SafetensorsFile } from '../checkpoint/safetensors.ts';
import { writeSafetensors } from '../checkpoint/safetensorsWriter.ts';
import { TensorTableSource } from './tensorTableSource.ts';
import type { EngineName, TrainingSession } from './trainingEngine.ts';
import type { EpochEvent } from './trainingEvent.ts';

const STATE = 'run.json';
const VERSION = 1;

/** What `run.json` says of a run that goes on, or was cut off. No text of a record. */
export interface RunState {
  /** What the run follows from: a hash of recipe, records, base and engine. */
  readonly key: string;
  /** What computed it; absent in checkpoints of earlier versions. */
  readonly engine?: EngineName;
  /** ISO 8601, UTC. */
  readonly started: string;
  /** What the model is to be called. */
  readonly name: string;
  readonly epochs: number;
  readonly stepCount: number;
  readonly history: readonly EpochEvent[];
}

/**
 * The checkpoints of one run, in a folder of its own: after each epoch everything that training goes on from, and the weights of
 * the best epoch. `run.json` names the files and is replaced by one rename, so a process that is killed leaves the state of
 * the epoch before or of this one.
 */
export class RunCheckpoint {
  constructor(readonly directory: string) {}

  /** @returns undefined where there is none, or none that this version understands */
  async read(): Promise<RunState | undefined> {
    try {
      const { version, ...state } = JSON.parse(await readFile(path.join(this.directory, STATE), 'utf8'));
      return version === VERSION && Array.isArray(state.history) ? (state as RunState) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps the session as it is after the last epoch of `state`. System errors as they are. */
  async save(session: TrainingSession, state: RunState): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const epoch = state.history.length;
    const isBest = state.history.at(-1)?.best === true;
    await this.write(checkpointFile(epoch), trainingTensors(session));
    if (isBest) await this.write(bestFile(epoch), weightTensors(session));
    const temporary = path.join(this.directory, `${STATE}.new`);
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(JSON.stringify({ version: VERSION, ...state }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path.join(this.directory, STATE));
    const best = state.history.findLast(({ best }) => best)?.epoch ?? epoch;
    const wanted = new Set([STATE, checkpointFile(epoch), bestFile(best)]);
    for (const name of await readdir(this.directory)) {
      if (!wanted.has(name)) await rm(path.join(this.directory, name), { force: true });
    }
  }

  /** Puts a session where the run was cut off. @throws UserError BAD_CHECKPOINT where the file is damaged */
  async restore(session: TrainingSession, state: RunState): Promise<void> {
    const source = await SafetensorsFile.open(path.join(this.directory, checkpointFile(state.history.length)));
    try {
      for (const name of session.trained) {
        const [weights, first, second] = [
          await source.read(name),
          await source.read(`first ${name}`),
          await source.read(`second ${name}`),
        ];
        await session.restore(name, weights, { first, second });
      }
      session.stepCount = state.stepCount;
    } finally {
      await source.close();
    }
  }

  /** Gives a session the weights of an epoch that was the best when it was done; it cannot be trained further. */
  async restoreBest(session: TrainingSession, epoch: number): Promise<void> {
    const source = await SafetensorsFile.open(path.join(this.directory, bestFile(epoch)));
    try {
      for (const name of session.trained) {
        const weights = await source.read(name);
        const zeros = () => new Float32Array(weights.length);
        await session.restore(name, weights, { first: zeros(), second: zeros() });
      }
    } finally {
      await source.close();
    }
  }

  /** Removes the folder. */
  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  private async write(name: string, tensors: TensorTableSource): Promise<void> {
    const temporary = path.join(this.directory, `${name}.new`);
    await rm(temporary, { force: true });
    try {
      await writeSafetensors(temporary, tensors);
    } catch (error) {
      // On a full disk, what there is of it would take the room that is to be freed.
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
    await rename(temporary, path.join(this.directory, name));
  }
}

const checkpointFile = (epoch: number) => `checkpoint-${epoch}.safetensors`;
const bestFile = (epoch: number) => `best-${epoch}.safetensors`;

function weightTensors(session: TrainingSession): TensorTableSource {
  return new TensorTableSource(
    session.trained.map((name) => ({ name, length: session.size(name), read: () => session.weights(name) })),
  );
}

function trainingTensors(session: TrainingSession): TensorTableSource {
  return new TensorTableSource(
    session.trained.flatMap((name) => {
      const length = session.size(name);
      return [
        { name, length, read: () => session.weights(name) },
        { name: `first ${name}`, length, read: async () => (await session.moments(name)).first },
        { name: `second ${name}`, length, read: async () => (await session.moments(name)).second },
      ];
    }),
  );
}
