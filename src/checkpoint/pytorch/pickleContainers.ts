import { damagedFile } from '../checkpointRefusals.ts';
import { Opcode } from './pickleOpcodes.ts';
import type { PickleStack } from './pickleStack.ts';
import { isKind, type PickleDict, type PickleValue } from './pickleValue.ts';

/**
 * Carries out an instruction that makes or fills a tuple, list, dict or set.
 * @returns whether it was one
 * @throws UserError BAD_CHECKPOINT if the stack does not hold what it needs
 */
export function buildContainer(opcode: number, stack: PickleStack, fileName: string): boolean {
  return makeContainer(opcode, stack, fileName) || fillContainer(opcode, stack, fileName);
}

function makeContainer(opcode: number, stack: PickleStack, fileName: string): boolean {
  const made = newContainer(opcode, stack, fileName);
  if (made !== undefined) stack.push(made);
  return made !== undefined;
}

function newContainer(opcode: number, stack: PickleStack, fileName: string): PickleValue | undefined {
  switch (opcode) {
    case Opcode.EMPTY_TUPLE:
      return { kind: 'tuple', items: [] };
    case Opcode.TUPLE1:
      return { kind: 'tuple', items: popSome(stack, 1) };
    case Opcode.TUPLE2:
      return { kind: 'tuple', items: popSome(stack, 2) };
    case Opcode.TUPLE3:
      return { kind: 'tuple', items: popSome(stack, 3) };
    case Opcode.TUPLE:
      return { kind: 'tuple', items: stack.popMark() };
    case Opcode.EMPTY_LIST:
      return { kind: 'list', items: [] };
    case Opcode.LIST:
      return { kind: 'list', items: stack.popMark() };
    case Opcode.EMPTY_DICT:
      return { kind: 'dict', entries: new Map() };
    case Opcode.DICT: {
      const dict: PickleDict = { kind: 'dict', entries: new Map() };
      putPairs(dict, stack.popMark(), fileName);
      return dict;
    }
    case Opcode.EMPTY_SET:
      return { kind: 'set', members: new Set() };
    case Opcode.FROZENSET:
      return { kind: 'set', members: new Set(stack.popMark()) };
    default:
      return undefined;
  }
}

function fillContainer(opcode: number, stack: PickleStack, fileName: string): boolean {
  switch (opcode) {
    case Opcode.APPEND:
      append(popSome(stack, 1), stack, fileName);
      return true;
    case Opcode.APPENDS:
      append(stack.popMark(), stack, fileName);
      return true;
    case Opcode.SETITEM:
      setItems(popSome(stack, 2), stack, fileName);
      return true;
    case Opcode.SETITEMS:
      setItems(stack.popMark(), stack, fileName);
      return true;
    case Opcode.ADDITEMS:
      addMembers(stack.popMark(), stack, fileName);
      return true;
    default:
      return false;
  }
}

function append(values: readonly PickleValue[], stack: PickleStack, fileName: string): void {
  const list = stack.top();
  if (!isKind(list, 'list')) throw damagedFile(fileName, 'its pickle appends to something that is not a list');
  for (const value of values) list.items.push(value);
}

function setItems(pairs: readonly PickleValue[], stack: PickleStack, fileName: string): void {
  const dict = stack.top();
  if (!isKind(dict, 'dict')) throw damagedFile(fileName, 'its pickle sets items of something that is not a dict');
  putPairs(dict, pairs, fileName);
}

function addMembers(values: readonly PickleValue[], stack: PickleStack, fileName: string): void {
  const set = stack.top();
  if (!isKind(set, 'set')) throw damagedFile(fileName, 'its pickle adds members to something that is not a set');
  for (const value of values) set.members.add(value);
}

function putPairs(dict: PickleDict, pairs: readonly PickleValue[], fileName: string): void {
  for (let index = 0; index < pairs.length; index += 2) {
    const [key, value] = [pairs[index], pairs[index + 1]];
    if (key === undefined || value === undefined)
      throw damagedFile(fileName, 'a dict of its pickle has a key too many');
    dict.entries.set(key, value);
  }
}

function popSome(stack: PickleStack, count: number): PickleValue[] {
  return Array.from({ length: count }, () => stack.pop()).reverse();
}
