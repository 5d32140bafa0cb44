import { UserError } from '../core/userError.ts';

/** A model repository at one revision, on one hub. */
export interface HubRepo {
  /** `owner/name`, or `name` alone for the oldest ones. */
  readonly name: string;
  /** Branch, tag or commit. */
  readonly revision: string;
  /** As `hubEndpoint` gives it. */
  readonly endpoint: string;
}

/** Source: huggingface_hub, utils/_validators.py */
const REPO_NAME = /^(?:\w[\w.-]{0,95}\/)?\w[\w.-]{0,95}$/;
/** What git allows in the name of a reference, near enough. Source: git-check-ref-format(1) */
const REVISION = /^[\w][\w./+@=-]{0,199}$/;

/**
 * Checks names before they become parts of an address.
 * @throws UserError BAD_ARGUMENT
 */
export function hubRepo(name: string, revision: string, endpoint: string): HubRepo {
  if (!REPO_NAME.test(name) || name.includes('..')) {
    throw new UserError(
      'BAD_ARGUMENT',
      'The repository is not named as the hub names one: give its owner and name, such as dmis-lab/biobert-base-cased-v1.1.',
    );
  }
  if (!REVISION.test(revision) || revision.includes('..')) {
    throw new UserError(
      'BAD_ARGUMENT',
      'The revision is not a branch, a tag or a commit: leave it out for the newest state of the repository.',
    );
  }
  return { name, revision, endpoint };
}

/** Address of a file of a repository at a commit. */
export function fileUrl({ endpoint, name }: HubRepo, commit: string, path: string): string {
  return `${endpoint}/${name}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
}
