import { addAbortSignal } from 'node:stream';
import { buffer as readAll } from 'node:stream/consumers';
import { percentage } from '../core/review/predictionText.ts';
import { byteTextFor } from '../files/byteText.ts';
import type { CommandContext } from './context.ts';
import { type DetailedPrediction, ModelSession } from './modelSession.ts';
import { openOutput } from './outputFile.ts';
import { UsageError } from './usageError.ts';

/** `caselight classify TEXT...`: label and probabilities of each text; `-` reads one text a line from standard input. */
export async function classifyCommand({ options, signal, progress }: CommandContext): Promise<void> {
  if (options.positionals.length === 0) {
    throw new UsageError('classify takes one TEXT or more, or - for one text a line on standard input.');
  }
  const fromInput = options.positionals.includes('-') ? await inputLines(signal, options.encoding) : [];
  const texts = options.positionals.flatMap((text) => (text === '-' ? fromInput : [text]));
  const session = await ModelSession.open(options, (message) => progress.note(message));
  const predictions = await session.predict(texts, signal);
  const output = await openOutput('-');
  if (options.json) {
    await output.write(`${JSON.stringify(predictions.map((prediction) => asJson(prediction, session.labels)))}\n`);
  } else {
    for (const prediction of predictions) await output.write(`${asLine(prediction, session.labels)}\n`);
  }
}

async function inputLines(signal: AbortSignal, encoding: string | undefined): Promise<string[]> {
  const bytes = await readAll(addAbortSignal(signal, process.stdin));
  const text = byteTextFor(bytes, encoding);
  const raw = text.streamDecoder().write(bytes.subarray(text.bomLength));
  const lines = text.decodeText(raw).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function asJson(prediction: DetailedPrediction, labels: readonly string[]): object {
  const { label, confidence, probabilities, logits, truncated } = prediction;
  return {
    label,
    confidence,
    probabilities: Object.fromEntries(labels.map((name, i) => [name, probabilities[i] ?? 0])),
    logits: [...logits],
    truncated,
  };
}

function asLine(prediction: DetailedPrediction, labels: readonly string[]): string {
  const all = labels.map((name, i) => `${name} ${percentage(prediction.probabilities[i] ?? 0, 1)}`).join(', ');
  const cut = prediction.truncated ? ` (only the first ${prediction.tokenCount} tokens were read)` : '';
  return `${prediction.label} ${percentage(prediction.confidence, 1)}\t${all}${cut}`;
}
