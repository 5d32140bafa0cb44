const MAX_LENGTH = 30;
const MAX_WORDS = 5;
const MAX_NAMES = 20;

/**
 * The columns of a file for a message, such as `"ID", "Narrative"`. A file without header has a record in its place, so what is
 * too long for a name is given by its number: no text of a narrative may stand in a message.
 */
export function columnNames(header: readonly string[]): string {
  const names = header.slice(0, MAX_NAMES).map((name, column) => {
    const isName = name.length <= MAX_LENGTH && name.split(/\s+/).length <= MAX_WORDS;
    return isName ? `"${name}"` : `column ${column + 1} (long text)`;
  });
  if (header.length > MAX_NAMES) names.push(`and ${header.length - MAX_NAMES} more`);
  return names.join(', ');
}
