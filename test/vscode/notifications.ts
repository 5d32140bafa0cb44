import type { Locator } from 'playwright-core';
import { eventually } from './eventually.ts';
import { runCommand } from './palette.ts';
import type { VscodeWindow } from './window.ts';

/** The messages of the notifications on screen, newest first. */
export async function notificationTexts(window: VscodeWindow): Promise<string[]> {
  return toasts(window).locator('.notification-list-item-message').allInnerTexts();
}

/** Waits until a notification contains `text`, and resolves to its whole message. */
export async function notification(window: VscodeWindow, text: string | RegExp, limitMs = 15_000): Promise<string> {
  return window.step(`see the notification ${text}`, async () => {
    const message = toasts(window).filter({ hasText: text }).locator('.notification-list-item-message').first();
    await message.waitFor({ timeout: limitMs });
    return (await message.textContent()) ?? '';
  });
}

/** Presses a button of the notification that contains `text`. */
export async function pressNotificationButton(
  window: VscodeWindow,
  text: string | RegExp,
  button: string,
): Promise<void> {
  await window.step(`press "${button}" of the notification ${text}`, async () => {
    const toast = toasts(window).filter({ hasText: text }).first();
    // A notification shows its buttons when it is unfolded; one with an error is from the start.
    await toast.hover();
    await toast.locator('.monaco-button').filter({ hasText: button }).first().click();
  });
}

/** Takes all notifications off the screen. */
export async function dismissNotifications(window: VscodeWindow): Promise<void> {
  await window.step('dismiss the notifications', async () => {
    // By a command: a notification that goes by itself would slip away from under the pointer.
    await runCommand(window, 'Notifications: Clear All Notifications');
    await eventually('no notifications', async () => (await toasts(window).count()) === 0);
  });
}

function toasts(window: VscodeWindow): Locator {
  return window.page.locator('.notifications-toasts .notification-toast');
}
