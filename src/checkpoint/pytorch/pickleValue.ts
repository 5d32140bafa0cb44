/** A Python tuple. */
export interface PickleTuple {
  readonly kind: 'tuple';
  readonly items: readonly PickleValue[];
}

/** A Python list; instructions after the one that made it may append to it. */
export interface PickleList {
  readonly kind: 'list';
  readonly items: PickleValue[];
}

/** A Python dict or OrderedDict. Keys that are containers are compared by identity. */
export interface PickleDict {
  readonly kind: 'dict';
  readonly entries: Map<PickleValue, PickleValue>;
}

/** A Python set or frozenset. */
export interface PickleSet {
  readonly kind: 'set';
  readonly members: Set<PickleValue>;
}

/** Python bytes or bytearray. */
export interface PickleBytes {
  readonly kind: 'bytes';
  readonly bytes: Uint8Array;
}

/** A class or function that a pickle names and that the reader knows; `call` does in data what the real one would. */
export interface PickleGlobal {
  readonly kind: 'global';
  /** Dotted, with the module. */
  readonly name: string;
  /** The value that a call with these arguments gives; undefined if it does not take them. Absent: cannot be called. */
  readonly call?: (args: readonly PickleValue[]) => PickleValue | undefined;
}

/** What a vocabulary makes beyond the plain values of Python, such as a tensor. */
export interface PickleObject {
  readonly kind: 'object';
}

/** Everything with parts. Values may refer to each other in circles: do not walk them without a bound. */
export type PickleStructure =
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleSet
  | PickleBytes
  | PickleGlobal
  | PickleObject;

/** A value out of a pickle. None is null; an int beyond the safe integers of JavaScript is a bigint. */
export type PickleValue = null | boolean | number | bigint | string | PickleStructure;

/** Whether a value is a structure of that kind. */
export function isKind<Kind extends PickleStructure['kind']>(
  value: PickleValue | undefined,
  kind: Kind,
): value is Extract<PickleStructure, { readonly kind: Kind }> {
  return typeof value === 'object' && value !== null && value.kind === kind;
}

/** The items of a tuple or a list; undefined for every other value. */
export function itemsOf(value: PickleValue | undefined): readonly PickleValue[] | undefined {
  return isKind(value, 'tuple') || isKind(value, 'list') ? value.items : undefined;
}

/** The items as sizes, offsets or strides, in a new array; undefined unless all are safe integers of at least 0. */
export function sizesOf(value: PickleValue | undefined): number[] | undefined {
  const items = itemsOf(value);
  return items?.every(isSize) ? [...items] : undefined;
}

/** Whether a value is a safe integer of at least 0. */
export function isSize(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
