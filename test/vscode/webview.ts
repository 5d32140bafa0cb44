import type { FrameLocator } from 'playwright-core';
import type { VscodeWindow } from './window.ts';

/** The document of the webview on screen: the extension's HTML stands two frames deep. */
export function webviewContent(window: VscodeWindow): FrameLocator {
  return window.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
}
