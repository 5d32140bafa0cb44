/** Text as it stands, whatever of Markdown is in it. */
export function markdownText(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+\-.!|<>~$&]/g, '\\$&').replaceAll(/\s+/g, ' ');
}

/** Lines of a table; cells are Markdown, the first row is its head. */
export function markdownTable([head = [], ...body]: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`);
}
