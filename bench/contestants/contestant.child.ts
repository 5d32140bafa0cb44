import { loadCaselight } from './caselightContestant.ts';
import type { Answer, Classifier, Request } from './messages.ts';
import { loadTransformers } from './transformersContestant.ts';

// Entry of the process of a contestant. `Contestant` asks one thing at a time.

let classifier: Classifier | undefined;

async function answer(request: Request): Promise<Answer> {
  if (request.type === 'load') {
    classifier = await (request.library === 'caselight' ? loadCaselight : loadTransformers)(request);
    return { type: 'done' };
  }
  if (classifier === undefined) throw new Error('asked to classify before a model was loaded');
  if (request.type === 'logits') return { type: 'done', logits: await classifier.logits() };
  await classifier.classify(request.mode);
  return { type: 'done' };
}

process.on('message', (request: Request) => {
  answer(request)
    .catch(
      (error): Answer => ({ type: 'failed', message: error instanceof Error ? String(error.stack) : String(error) }),
    )
    .then((message) => process.send?.(message));
});
process.on('disconnect', () => process.exit(0));
