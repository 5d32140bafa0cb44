import { bertTensorShapes, huggingFaceNames } from '../checkpoint/bertTensors.ts';
import { carriedTokenizer } from '../models/carriedTokenizer.ts';
import { classifierConfig } from '../models/classifierConfig.ts';
import type { ModelManifest } from '../models/manifest.ts';
import { asJson, ModelDirectoryWriter } from '../models/modelDirectoryWriter.ts';
import type { PreparedRun } from './preparedRun.ts';
import { TensorTableSource } from './tensorTableSource.ts';
import type { TrainerResult } from './trainer.ts';
import type { TrainingSession } from './trainingEngine.ts';
import type { TrainingOutcome } from './trainingRun.ts';

export async function writeTrainedModel(
  { run, base, original, start, engine, split }: PreparedRun,
  session: TrainingSession,
  directory: string,
  outcome: TrainingOutcome,
  { history }: TrainerResult,
  counts: ReadonlyMap<string, number>,
): Promise<ModelManifest> {
  const { config } = start;
  const writer = new ModelDirectoryWriter(directory);
  await writer.write('config.json', asJson(classifierConfig(original, config)));
  for (const [file, content] of (await carriedTokenizer(base.directory)).files) await writer.write(file, content);
  const shapes = bertTensorShapes(config);
  const trained = new Set(session.trained);
  const tensors = [...huggingFaceNames(config)].map(([name, own]) => {
    const shape = shapes.get(name) ?? [];
    const length = shape.reduce((product, size) => product * size, 1);
    return {
      name: own,
      shape,
      length,
      read: () => (trained.has(name) ? session.weights(name) : start.readWeights(name)),
    };
  });
  await writer.writeWeights(new TensorTableSource(tensors));
  const { report, baseReport, epoch, epochs, stoppedEarly, trainRecords, validationRecords } = outcome;
  return writer.finish({
    name: run.name,
    parent: { name: base.name, hash: base.hash },
    data: {
      files: run.data,
      ...(run.onlyChecked && { onlyChecked: true }),
      trainRecords,
      validationRecords,
      trainCounts: Object.fromEntries(counts),
      heldOut: run.validationRecords === undefined ? split.validation.length : 'records of their own',
    },
    hyperParameters: { ...run.recipe },
    engine: { name: engine.name, versions: engine.versions, threads: run.threads },
    metrics: {
      epoch,
      epochs,
      stoppedEarly,
      ...(report && { accuracy: report.accuracy, macroF1: report.macroF1, validation: report }),
      ...(baseReport && { parent: baseReport }),
      history: history.map(({ type: _, validation: __, ...figures }) => figures),
    },
  });
}
