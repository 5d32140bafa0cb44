import { damagedFile } from '../checkpointRefusals.ts';
import type { PickleValue } from './pickleValue.ts';

/** Python puts at most a thousand pairs on the stack at once, and a checkpoint nests a few levels. */
const MAX_DEPTH = 100_000;

/** The stack of the pickle machine. Values above the last mark belong together; nothing reaches below it. */
export class PickleStack {
  private readonly values: PickleValue[] = [];
  private readonly marks: number[] = [];

  constructor(private readonly fileName: string) {}

  push(value: PickleValue): void {
    this.checkDepth();
    this.values.push(value);
  }

  /** @throws UserError BAD_CHECKPOINT if there is nothing above the last mark */
  pop(): PickleValue {
    const value = this.top();
    this.values.length--;
    return value;
  }

  /** The uppermost value, which stays. @throws UserError BAD_CHECKPOINT if there is nothing above the last mark */
  top(): PickleValue {
    const value = this.values.length > this.floor ? this.values.at(-1) : undefined;
    if (value === undefined) throw damagedFile(this.fileName, 'its pickle takes more values than it made');
    return value;
  }

  mark(): void {
    this.checkDepth();
    this.marks.push(this.values.length);
  }

  /** Takes everything above the last mark, and the mark. @throws UserError BAD_CHECKPOINT if there is no mark */
  popMark(): PickleValue[] {
    const floor = this.marks.pop();
    if (floor === undefined) throw damagedFile(this.fileName, 'its pickle closes more groups than it opened');
    return this.values.splice(floor);
  }

  /** Forgets the uppermost value, or the last mark if nothing lies above it. */
  discard(): void {
    if (this.marks.length > 0 && this.values.length === this.floor) this.marks.pop();
    else this.pop();
  }

  private get floor(): number {
    return this.marks.at(-1) ?? 0;
  }

  private checkDepth(): void {
    if (this.values.length + this.marks.length >= MAX_DEPTH) {
      throw damagedFile(this.fileName, `its pickle nests more than ${MAX_DEPTH} values`);
    }
  }
}
