/** User settings of VS Code by their full id, as they stand in settings.json. */
export type Settings = Readonly<Record<string, unknown>>;

/** Makes VS Code quiet, offline and the same in every run; a test's own settings are laid over these. */
export const quietSettings: Settings = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.enableExperiments': false,
  'workbench.settings.enableNaturalLanguageSearch': false,
  'workbench.colorTheme': 'Default Dark Modern',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'git.enabled': false,
  'editor.minimap.enabled': false,
  'window.dialogStyle': 'custom',
  'files.simpleDialog.enable': true,
  'files.hotExit': 'off',
  // In a browser VS Code saves by itself after a second; on the desktop, which the tests stand for, it does not.
  'files.autoSave': 'off',
};
