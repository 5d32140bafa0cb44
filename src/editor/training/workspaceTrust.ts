import { workspace } from 'vscode';
import { UserError } from '../../core/userError.ts';

/** @throws UserError BAD_ARGUMENT where the workspace is not trusted: training would work on what it brings along */
export function requireTrust(): void {
  if (workspace.isTrusted) return;
  throw new UserError('BAD_ARGUMENT', 'Training runs in trusted workspaces only: trust this one, then train again.');
}
