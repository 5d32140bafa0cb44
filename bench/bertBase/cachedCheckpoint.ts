import { existsSync } from 'node:fs';
import path from 'node:path';
import { benchFolder } from '../benchFolder.ts';
import { writeBertBase } from './checkpoint.ts';

/** The folder of a checkpoint of BERT-base, made on first use: see `writeBertBase`. */
export async function bertBaseCheckpoint(labels?: readonly string[]): Promise<string> {
  const directory = benchFolder(labels === undefined ? 'bert-base-pretrained' : `bert-base-${labels.length}-labels`);
  // Its configuration is written last.
  if (!existsSync(path.join(directory, 'config.json'))) {
    console.log(`Making a BERT-base of random weights in ${directory}`);
    await writeBertBase(directory, labels === undefined ? {} : { labels });
  }
  return directory;
}
