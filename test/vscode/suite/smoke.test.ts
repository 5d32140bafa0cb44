import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import { vscodeKind } from './support.ts';

describe('The packaged extension', () => {
  it('is installed, and not run from its sources', () => {
    const extension = vscode.extensions.getExtension('caselight.caselight');
    assert.ok(extension, 'caselight.caselight is not installed');
    assert.match(extension.extensionPath, /caselight\.caselight-\d/);
  });

  it('runs in the VS Code that the runner names', () => {
    const [major, minor] = vscode.version.split('.').map(Number);
    assert.equal(major, 1);
    assert.equal(minor === 100 ? 'old' : 'new', vscodeKind());
  });
});
