import type { UserError } from '../../core/userError.ts';
import { damagedFile, shownName, unsafeFile, unsupportedFile } from '../checkpointRefusals.ts';
import { buildContainer } from './pickleContainers.ts';
import { readLiteral } from './pickleLiterals.ts';
import { PickleMemo } from './pickleMemo.ts';
import { Opcode, opcodeName } from './pickleOpcodes.ts';
import { PickleReader } from './pickleReader.ts';
import { PickleStack } from './pickleStack.ts';
import { isKind, type PickleGlobal, type PickleValue } from './pickleValue.ts';

/** About forty instructions are spent on a tensor. */
const MAX_INSTRUCTIONS = 1_000_000;
const LATEST_PROTOCOL = 5;
const LONGEST_CLASS_NAME = 1000;

/** What a pickle may name. Nothing else is looked up anywhere. */
export interface PickleVocabulary {
  /** The classes and functions, by dotted name. */
  readonly globals: ReadonlyMap<string, PickleGlobal>;
  /** What a reference to something outside of the pickle stands for; undefined refuses it. */
  persistentLoad(id: PickleValue): PickleValue | undefined;
}

/** A pickle that was read to its end. */
export interface Unpickled {
  readonly value: PickleValue;
  /** Bytes up to its end; others may follow. */
  readonly length: number;
}

/**
 * Reads the pickle at the start of the bytes. This is an interpreter of the pickle machine that knows plain values and a
 * vocabulary: it never imports, calls or instantiates what a pickle names, and what would make Python do so is refused.
 * Time and memory are bounded by the number of instructions, and nesting takes no JavaScript stack.
 * @throws PickleCutOff if the bytes end before the pickle does
 * @throws UserError BAD_CHECKPOINT for everything else that is wrong with it
 */
export function unpickle(bytes: Uint8Array, vocabulary: PickleVocabulary, fileName: string): Unpickled {
  const reader = new PickleReader(bytes, fileName);
  const value = new PickleMachine(reader, vocabulary, fileName).run();
  return { value, length: reader.position };
}

class PickleMachine {
  private readonly stack: PickleStack;
  private readonly memo: PickleMemo;

  constructor(
    private readonly reader: PickleReader,
    private readonly vocabulary: PickleVocabulary,
    private readonly fileName: string,
  ) {
    this.stack = new PickleStack(fileName);
    this.memo = new PickleMemo(reader, this.stack, fileName);
  }

  run(): PickleValue {
    for (let count = 0; count < MAX_INSTRUCTIONS; count++) {
      const opcode = this.reader.uint8();
      if (opcode === Opcode.STOP) return this.stack.pop();
      this.execute(opcode);
    }
    throw unsupportedFile(this.fileName, `holds a pickle of more than ${MAX_INSTRUCTIONS} instructions`);
  }

  private execute(opcode: number): void {
    const known =
      this.pushLiteral(opcode) ||
      this.memo.execute(opcode) ||
      buildContainer(opcode, this.stack, this.fileName) ||
      this.reach(opcode) ||
      this.arrange(opcode);
    if (!known) throw refusedInstruction(this.fileName, opcode);
  }

  private pushLiteral(opcode: number): boolean {
    const literal = readLiteral(opcode, this.reader, this.fileName);
    if (literal !== undefined) this.stack.push(literal);
    return literal !== undefined;
  }

  /** The instructions through which a pickle reaches beyond itself. */
  private reach(opcode: number): boolean {
    switch (opcode) {
      case Opcode.GLOBAL:
        this.stack.push(this.global(this.reader.line(), this.reader.line()));
        return true;
      case Opcode.STACK_GLOBAL:
        this.stack.push(this.globalOfStack());
        return true;
      case Opcode.INST:
        throw refusedGlobal(this.fileName, `${this.reader.line()}.${this.reader.line()}`);
      case Opcode.REDUCE:
        this.reduce();
        return true;
      case Opcode.BUILD:
        this.build();
        return true;
      case Opcode.BINPERSID:
        this.stack.push(this.persistent(this.stack.pop()));
        return true;
      case Opcode.PERSID:
        this.stack.push(this.persistent(this.reader.line()));
        return true;
      default:
        return false;
    }
  }

  /** The instructions that only order the stack or describe the pickle. */
  private arrange(opcode: number): boolean {
    switch (opcode) {
      case Opcode.MARK:
        this.stack.mark();
        return true;
      case Opcode.POP:
        this.stack.discard();
        return true;
      case Opcode.POP_MARK:
        this.stack.popMark();
        return true;
      case Opcode.DUP:
        this.stack.push(this.stack.top());
        return true;
      case Opcode.PROTO:
        this.checkProtocol(this.reader.uint8());
        return true;
      case Opcode.FRAME:
        // Frames only help a reader to fetch ahead.
        this.reader.uint64();
        return true;
      default:
        return false;
    }
  }

  private checkProtocol(protocol: number): void {
    if (protocol > LATEST_PROTOCOL) throw damagedFile(this.fileName, `its pickle is of protocol ${protocol}`);
  }

  private global(module: string, name: string): PickleGlobal {
    const global = this.vocabulary.globals.get(`${module}.${name}`);
    if (global === undefined) throw refusedGlobal(this.fileName, `${module}.${name}`);
    return global;
  }

  private globalOfStack(): PickleGlobal {
    const name = this.stack.pop();
    const module = this.stack.pop();
    if (typeof module === 'string' && typeof name === 'string') return this.global(module, name);
    throw damagedFile(this.fileName, 'its pickle names a class by something that is not a string');
  }

  private reduce(): void {
    const args = this.stack.pop();
    const callee = this.stack.pop();
    if (!isKind(callee, 'global') || !isKind(args, 'tuple')) {
      throw unsafeFile(this.fileName, 'calls something that is not a function');
    }
    const result = callee.call?.(args.items);
    if (result === undefined) throw unsafeFile(this.fileName, `calls ${callee.name} with arguments of its own`);
    this.stack.push(result);
  }

  /** Python sets attributes: torch keeps the versions of modules as one of the ordered dict. They carry no weights. */
  private build(): void {
    const state = this.stack.pop();
    if (!isKind(this.stack.top(), 'dict') || !isKind(state, 'dict')) {
      throw unsafeFile(this.fileName, 'sets the state of something that is not a dict');
    }
  }

  private persistent(id: PickleValue): PickleValue {
    const value = this.vocabulary.persistentLoad(id);
    if (value === undefined) throw unsafeFile(this.fileName, 'refers to something outside of it that is not a tensor');
    return value;
  }
}

function refusedGlobal(fileName: string, name: string): UserError {
  const shown = shownName(name);
  if (name.startsWith('torch._utils._rebuild_')) {
    return unsupportedFile(fileName, `holds a tensor of a kind that Caselight does not read (${shown})`);
  }
  // A class of these packages comes from saving a whole model, which is a common mistake and no attack.
  return /^(torch|transformers|__torch__|__main__)\..*\b[A-Z]\w*$/.test(name.slice(0, LONGEST_CLASS_NAME))
    ? unsupportedFile(fileName, `holds an object of the class ${shown} and not the weights alone`)
    : unsafeFile(fileName, `asks to run ${shown}`);
}

function refusedInstruction(fileName: string, opcode: number): UserError {
  const name = opcodeName(opcode);
  return name === undefined
    ? damagedFile(fileName, `its pickle has an unknown instruction 0x${opcode.toString(16)}`)
    : unsafeFile(fileName, `uses the pickle instruction ${name}`);
}
