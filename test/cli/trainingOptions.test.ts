import { describe, expect, it } from 'vitest';
import { trainingOptions } from '../../src/cli/trainingOptions.ts';
import { editorRecipeFor, notebookRecipe } from '../../src/core/training/trainingRecipe.ts';

const recipeOf = (given: Readonly<Record<string, string>>) => trainingOptions((name) => given[name], 256).recipe;

describe('the recipe of caselight train', () => {
  it.each(['full', 'last-2', 'last-1', 'head'] as const)("is the editor's where that is asked for: %s", (scope) => {
    expect(recipeOf({ recipe: 'editor', scope })).toEqual(editorRecipeFor(scope));
  });

  it("is the notebook's else, whatever the scope", () => {
    expect(recipeOf({})).toEqual(notebookRecipe);
    expect(recipeOf({ scope: 'head' })).toEqual({ ...notebookRecipe, scope: 'head' });
  });

  it('has what is given in place of the preset', () => {
    expect(recipeOf({ recipe: 'editor', scope: 'head', 'learning-rate': '2e-5' }).learningRate).toBe(2e-5);
    expect(recipeOf({ recipe: 'editor', scope: 'last-2', epochs: '9', keep: 'last' })).toEqual({
      ...editorRecipeFor('last-2'),
      epochs: 9,
      keep: 'last',
    });
  });
});
