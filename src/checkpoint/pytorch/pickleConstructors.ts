import { isKind, itemsOf, type PickleGlobal, type PickleValue } from './pickleValue.ts';

/**
 * What pickles of protocol 2, which torch.save writes, call for plain values that have no instruction of their own, by
 * dotted name: ordered dicts, sets, and bytes. `__builtin__` is what Python 2 called `builtins`.
 */
export const plainConstructors: ReadonlyMap<string, PickleGlobal> = new Map(
  Object.entries({
    'collections.OrderedDict': makeOrderedDict,
    '__builtin__.set': makeSet,
    'builtins.set': makeSet,
    '__builtin__.frozenset': makeSet,
    'builtins.frozenset': makeSet,
    '__builtin__.bytes': makeEmptyBytes,
    'builtins.bytes': makeEmptyBytes,
    '_codecs.encode': encodeLatin1,
  }).map(([name, call]): [string, PickleGlobal] => [name, { kind: 'global', name, call }]),
);

/** Without arguments, or from a list of pairs, as Python 2 wrote it. */
function makeOrderedDict(args: readonly PickleValue[]): PickleValue | undefined {
  const pairs = args.length === 0 ? [] : itemsOf(args[0]);
  if (pairs === undefined || args.length > 1) return undefined;
  const entries = new Map<PickleValue, PickleValue>();
  for (const pair of pairs) {
    const [key, value, ...rest] = itemsOf(pair) ?? [];
    if (key === undefined || value === undefined || rest.length > 0) return undefined;
    entries.set(key, value);
  }
  return { kind: 'dict', entries };
}

function makeSet(args: readonly PickleValue[]): PickleValue | undefined {
  const [members, ...rest] = args;
  return isKind(members, 'list') && rest.length === 0 ? { kind: 'set', members: new Set(members.items) } : undefined;
}

function makeEmptyBytes(args: readonly PickleValue[]): PickleValue | undefined {
  return args.length === 0 ? { kind: 'bytes', bytes: new Uint8Array(0) } : undefined;
}

/** Bytes as a string of as many characters below 256. */
function encodeLatin1(args: readonly PickleValue[]): PickleValue | undefined {
  const [text, encoding] = args;
  if (typeof text !== 'string' || encoding !== 'latin1' || args.length !== 2) return undefined;
  return { kind: 'bytes', bytes: Uint8Array.from(Buffer.from(text, 'latin1')) };
}
