import { damagedFile } from '../checkpointRefusals.ts';
import { Opcode } from './pickleOpcodes.ts';
import type { PickleReader } from './pickleReader.ts';
import type { PickleStack } from './pickleStack.ts';
import type { PickleValue } from './pickleValue.ts';

/** The values that a pickle keeps under numbers so as to use them again. It grows by at most one an instruction. */
export class PickleMemo {
  private readonly kept = new Map<number, PickleValue>();

  constructor(
    private readonly reader: PickleReader,
    private readonly stack: PickleStack,
    private readonly fileName: string,
  ) {}

  /**
   * Carries out an instruction that keeps or recalls a value.
   * @returns whether it was one
   * @throws UserError BAD_CHECKPOINT if the value was never kept
   */
  execute(opcode: number): boolean {
    const putIndex = this.putIndex(opcode);
    if (putIndex !== undefined) this.kept.set(putIndex, this.stack.top());
    const getIndex = this.getIndex(opcode);
    if (getIndex !== undefined) this.stack.push(this.recall(getIndex));
    return putIndex !== undefined || getIndex !== undefined;
  }

  private putIndex(opcode: number): number | undefined {
    switch (opcode) {
      case Opcode.PUT:
        return Number(this.reader.line());
      case Opcode.BINPUT:
        return this.reader.uint8();
      case Opcode.LONG_BINPUT:
        return this.reader.uint32();
      case Opcode.MEMOIZE:
        return this.kept.size;
      default:
        return undefined;
    }
  }

  private getIndex(opcode: number): number | undefined {
    switch (opcode) {
      case Opcode.GET:
        return Number(this.reader.line());
      case Opcode.BINGET:
        return this.reader.uint8();
      case Opcode.LONG_BINGET:
        return this.reader.uint32();
      default:
        return undefined;
    }
  }

  private recall(index: number): PickleValue {
    const value = this.kept.get(index);
    if (value === undefined) throw damagedFile(this.fileName, 'its pickle recalls a value that it never kept');
    return value;
  }
}
