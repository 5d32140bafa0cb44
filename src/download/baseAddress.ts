import type { UserError } from '../core/userError.ts';

/**
 * Checks an address that paths are put behind.
 * @param refusal makes the error of what is wrong with it, the rest of a sentence that begins with what it is
 * @returns an http or https address without a slash at its end
 */
export function baseAddress(text: string, refusal: (finding: string) => UserError): string {
  if (!URL.canParse(text.trim())) throw refusal('is not an address');
  const url = new URL(text.trim());
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refusal('is neither https nor http');
  // It goes into messages and into the record of a download, where no password may stand.
  if (url.username !== '' || url.password !== '') throw refusal('has a user name in it, which would not stay secret');
  if (url.search !== '' || url.hash !== '') throw refusal('has a query behind it');
  return url.href.replace(/\/+$/, '');
}
