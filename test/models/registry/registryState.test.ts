import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelChoice } from '../../../src/models/registry/activation.ts';
import { formatRegistryState, parseRegistryState } from '../../../src/models/registry/registryState.ts';

const text = fc.oneof(fc.string(), fc.constant('__proto__'));
const choice: fc.Arbitrary<ModelChoice> = fc.oneof(
  fc.constant('built-in' as const),
  fc.record({ scope: fc.constantFrom('global' as const, 'workspace' as const), id: text }, { noNullPrototype: true }),
);
const activation = fc.record(
  { model: choice, since: text, action: fc.constantFrom('chosen' as const, 'rolled back' as const) },
  { noNullPrototype: true },
);
const models = fc.record(
  { workspaceName: text, history: fc.array(activation), earlier: fc.array(choice) },
  { noNullPrototype: true },
);
const mapOf = <T>(value: fc.Arbitrary<T>) => fc.array(fc.tuple(text, value)).map((entries) => new Map(entries));

describe('registry.json', () => {
  it('gives back what was written', () => {
    fc.assert(
      fc.property(mapOf(text), mapOf(models), (names, workspaces) => {
        expect(parseRegistryState(formatRegistryState({ names, workspaces }))).toEqual({ names, workspaces });
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['half of it', '{"schemaVersion": 1, "versions": {"a'],
    ['null', 'null'],
    ['no schema version', '{"versions": {}, "workspaces": {}}'],
    ['no workspaces', '{"schemaVersion": 1, "versions": {}}'],
    ['a version without a name', '{"schemaVersion": 1, "versions": {"a": {}}, "workspaces": {}}'],
    ['a list of versions', '{"schemaVersion": 1, "versions": [], "workspaces": {}}'],
    ['a workspace of another shape', '{"schemaVersion": 1, "versions": {}, "workspaces": {"w": {"history": []}}}'],
    [
      'a choice of another shape',
      '{"schemaVersion": 1, "versions": {}, "workspaces": {"w": {"workspaceName": "", "history": [], "earlier": ["x"]}}}',
    ],
  ])('is damaged when there is %s', (_, damaged) => {
    expect(parseRegistryState(damaged)).toBeUndefined();
  });

  it('of a newer Caselight is refused, since it is not damaged', () => {
    expect(() => parseRegistryState('{"schemaVersion": 2}')).toThrow(
      expect.objectContaining({ code: 'REGISTRY_TOO_NEW' }),
    );
  });
});
