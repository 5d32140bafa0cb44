import { modelPage } from '../../models/modelPage.ts';
import { readModelFacts } from '../../models/registry/modelFacts.ts';
import { pickModel } from '../models/pickModel.ts';
import type { Services } from '../services.ts';

/** Shows what a model is, where it comes from and what was measured of it. */
export async function showModel({ library, pages }: Services, target: unknown): Promise<void> {
  const { name, directory } = await pickModel(library, target, 'Model to show');
  await pages.show(name, modelPage(name, directory, await readModelFacts(directory)));
}
