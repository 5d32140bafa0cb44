import { comparisonPage } from '../../models/comparisonPage.ts';
import { compareModels as compare } from '../../models/registry/compareModels.ts';
import { readModelFacts } from '../../models/registry/modelFacts.ts';
import { pickModel } from '../models/pickModel.ts';
import type { Services } from '../services.ts';

/** Shows two models side by side. */
export async function compareModels({ library, pages }: Services, target: unknown): Promise<void> {
  const one = await pickModel(library, target, 'Compare models (1 of 2)');
  const isOther = ({ directory }: { directory: string }) => directory !== one.directory;
  const other = await pickModel(library, undefined, `Compare ${one.name} with`, isOther);
  const [a, b] = await Promise.all([readModelFacts(one.directory), readModelFacts(other.directory)]);
  await pages.show(`${one.name} and ${other.name}`, comparisonPage(one.name, other.name, compare(a, b)));
}
