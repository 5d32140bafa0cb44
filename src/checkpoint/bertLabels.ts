import { UserError } from '../core/userError.ts';

/** What transformers gives a configuration without labels. */
const DEFAULT_LABEL_COUNT = 2;

/**
 * The labels of a parsed `config.json` in the order of their ids: `id2label`, or LABEL_0, LABEL_1, ... as in transformers.
 * @throws UserError BAD_CONFIG if the ids do not run 0, 1, 2, ..., if labels repeat, or if there are fewer than two
 */
export function readLabels(config: Readonly<Record<string, unknown>>): readonly string[] {
  const { id2label: table, num_labels: count } = config;
  const labels = table === undefined || table === null ? numberedLabels(count) : tableLabels(table);
  if (labels.length < 2) throw badLabels('it has fewer than two labels');
  if (typeof count === 'number' && count !== labels.length) {
    throw badLabels(`num_labels is ${count} but id2label has ${labels.length}`);
  }
  if (new Set(labels).size !== labels.length) throw badLabels('two ids have the same label');
  return labels;
}

function numberedLabels(count: unknown): string[] {
  const length = count ?? DEFAULT_LABEL_COUNT;
  if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0 || length > 100_000) {
    throw badLabels('num_labels is not a whole number');
  }
  return Array.from({ length }, (_, id) => `LABEL_${id}`);
}

function tableLabels(table: unknown): string[] {
  if (typeof table !== 'object' || table === null) throw badLabels('id2label is not a JSON object');
  const byId = new Map(Object.entries(table));
  return Array.from({ length: byId.size }, (_, id) => {
    const label: unknown = byId.get(String(id));
    if (typeof label !== 'string' || label === '') throw badLabels(`id2label has no label for the id ${id}`);
    return label;
  });
}

function badLabels(detail: string): UserError {
  return new UserError(
    'BAD_CONFIG',
    `config.json cannot be right (${detail}): give id2label one label for each id 0, 1, 2, ...`,
  );
}
