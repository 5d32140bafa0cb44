/**
 * The little of the browser's DOM that functions shipped into the page use. The project compiles without the DOM library, so
 * that no product code reaches for a browser by mistake.
 */
export interface PageElement {
  readonly textContent: string | null;
  getBoundingClientRect(): { readonly top: number; readonly height: number };
  querySelectorAll(selectors: string): Iterable<PageElement>;
}

/** `getComputedStyle` of the page. */
export type ComputedStyleOf = (
  element: PageElement,
  pseudoElement?: string,
) => { readonly content: string; readonly color: string; readonly backgroundColor: string; readonly display: string };
