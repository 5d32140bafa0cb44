interface PostProcessor {
  readonly type?: unknown;
  readonly single?: unknown;
  readonly cls?: unknown;
  readonly sep?: unknown;
  readonly processors?: unknown;
}

/**
 * The tokens that a tokenizer puts before and behind a text, in this order, as its `tokenizer.json` names them: [CLS] and [SEP],
 * or <s> and </s>. Empty where it says nothing of them.
 * @param definition content of `tokenizer.json`
 */
export function surroundingTokens(definition: { readonly post_processor?: unknown }): readonly string[] {
  return tokensOf(definition.post_processor);
}

function tokensOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { type, single, cls, sep, processors }: PostProcessor = value;
  switch (type) {
    case 'TemplateProcessing':
      return list(single).flatMap((piece) =>
        text((piece as { SpecialToken?: { id?: unknown } } | null)?.SpecialToken?.id),
      );
    case 'BertProcessing':
    case 'RobertaProcessing':
      return [...text(list(cls)[0]), ...text(list(sep)[0])];
    case 'Sequence':
      return list(processors).flatMap(tokensOf);
    default:
      return [];
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : [];
}
