import { architectures } from '../checkpoint/architectures.ts';
import { parseBertConfig, parseConfigObject } from '../checkpoint/bertConfig.ts';
import { parseShardIndex } from '../checkpoint/shardIndex.ts';
import { UserError } from '../core/userError.ts';
import { chooseFiles, hasWeights, ONNX_FOLDER, SHARD_INDEX, shardFiles, type WantedFile } from './fileChoice.ts';
import type { HubFile, HubListing } from './hubListing.ts';

/** What a download takes from a repository. */
export interface DownloadPlan {
  readonly wanted: readonly WantedFile[];
  /** Whether config.json tells of a classifier, and not of a bare encoder. */
  readonly isClassifier: boolean;
}

/**
 * Decides what to take. Whatever Caselight does not read is refused here, before anything large is fetched.
 * @param readText fetches a small file
 * @throws UserError UNSUPPORTED_MODEL, BAD_CONFIG, BAD_CHECKPOINT
 */
export async function planDownload(
  listing: HubListing,
  commit: string,
  readText: (file: WantedFile) => Promise<string>,
): Promise<DownloadPlan> {
  const { name } = listing.repo;
  const files = await listedFiles(listing, commit);
  const chosen = chooseFiles(name, files);
  const text = async (fileName: string) => {
    const file = chosen.find((each) => each.name === fileName);
    return file === undefined ? undefined : readText(file);
  };
  const isClassifier = describesClassifier((await text('config.json')) ?? '');
  const index = await text(SHARD_INDEX);
  const shards = index === undefined ? [] : parseShardIndex(index, SHARD_INDEX).values();
  return { wanted: [...chosen, ...shardFiles(name, files, shards)], isClassifier };
}

/** The files at the top, and those of the ONNX folder where there are no weights at the top. */
async function listedFiles(listing: HubListing, commit: string): Promise<HubFile[]> {
  const files = await listing.files(commit);
  if (hasWeights(files)) return files;
  const onnx = await listing.files(commit, ONNX_FOLDER).catch((error: unknown) => {
    if (error instanceof UserError && error.code === 'HUB_NOT_FOUND') return [];
    throw error;
  });
  return [...files, ...onnx];
}

/** @throws UserError where Caselight does not run such a model */
function describesClassifier(configText: string): boolean {
  const { architecture } = parseBertConfig(configText);
  const classes = parseConfigObject(configText).architectures;
  return Array.isArray(classes) && classes.includes(architectures[architecture].className);
}
