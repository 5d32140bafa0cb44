/** Makes an element; text is put in as text, whatever is in it. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (string | Node)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** A table whose first column names the rows. @param classOf of the cell in a row and column, both 0-based */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  classOf: (row: number, column: number) => string = () => '',
): HTMLTableElement {
  const headCells = head.map((name) => element('th', { scope: 'col' }, name));
  const bodyRows = rows.map((cells, row) =>
    element(
      'tr',
      {},
      ...cells.map((cell, column) =>
        column === 0 ? element('th', { scope: 'row' }, cell) : element('td', { class: classOf(row, column) }, cell),
      ),
    ),
  );
  return element('table', {}, element('thead', {}, element('tr', {}, ...headCells)), element('tbody', {}, ...bodyRows));
}
