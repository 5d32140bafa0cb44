import { UserError } from '../core/userError.ts';

const LONGEST_NAME = 100;

/** The file contradicts itself or ends too early; `detail` says where, without a full stop. */
export function damagedFile(fileName: string, detail: string, cause?: unknown): UserError {
  return new UserError('BAD_CHECKPOINT', `${fileName} is damaged (${detail}): copy or download it again.`, { cause });
}

/** The file is whole but holds something that cannot be read; `finding` is the first half of a sentence about it. */
export function unsupportedFile(fileName: string, finding: string): UserError {
  return new UserError(
    'BAD_CHECKPOINT',
    `${fileName} ${finding}: save the model again with save_pretrained, as safetensors.`,
  );
}

/** The file asks for more than weights; `demand` is what it does, as in `asks to run os.system`. */
export function unsafeFile(fileName: string, demand: string): UserError {
  return new UserError(
    'BAD_CHECKPOINT',
    `${fileName} ${demand}, which no model needs: do not use this file; get it from where it was published.`,
  );
}

/** A name out of a file as it is fit for a message: short, and of printable ASCII. */
export function shownName(name: string): string {
  const start = name.slice(0, LONGEST_NAME).replaceAll(/[^\x20-\x7e]/g, '?');
  return name.length > LONGEST_NAME ? `${start}...` : start;
}
