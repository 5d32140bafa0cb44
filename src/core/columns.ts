import { stripByteOrderMark } from './csv/byteOrderMark.ts';

/** What a column is for. */
export type ColumnRole = 'text' | 'label' | 'id';

/** Column names that a person chose, by role; a role without one is found by the header. */
export type ChosenColumns = { readonly [Role in ColumnRole]?: string | undefined };

/** Why a chosen column cannot serve. */
export interface ColumnProblem {
  readonly kind: 'unknownColumn' | 'columnChosenTwice';
  readonly role: ColumnRole;
  /** The chosen name. */
  readonly name: string;
  /** A sentence that is fit to show a person; it contains the chosen name and nothing of the file. */
  readonly message: string;
}

/** Index of the column of each role; undefined where there is none. No column has two roles. */
export interface ColumnFindings {
  readonly text: number | undefined;
  readonly label: number | undefined;
  readonly id: number | undefined;
  /** One for each chosen name that cannot serve; the role of such a name is left undefined. */
  readonly problems: readonly ColumnProblem[];
}

interface RoleNames {
  /** Normalised names, the most telling first. */
  readonly names: readonly string[];
  /** Names found only as a whole, because longer names that begin or end with them mean something else. */
  readonly wholeOnly: readonly string[];
  /** Words that tell that a longer name, though it begins or ends with one of `names`, is about something else. */
  readonly otherwise: ReadonlySet<string>;
}

const list = (words: string): readonly string[] => words.split(/\s+/);

/** In order of precedence: a column that suits two roles gets the first. */
const roles: readonly ColumnRole[] = ['text', 'label', 'id'];

const roleNames: Readonly<Record<ColumnRole, RoleNames>> = {
  text: {
    names:
      list(`narrative narratives casenarrative symptomtext narrativetext description casedescription eventdescription
      freetext text texts sentence sentences comment comments review reviews abstract report note notes summary`),
    wholeOnly: list('content body message document post tweet utterance'),
    otherwise: new Set(
      list(`date time year id ids type code number no nr count length language lang author by status source version score
        label labels class category url file filename name title`),
    ),
  },
  label: {
    names: list(`seriousness label labels class category eventtype severity outcome target classification annotation
      groundtruth goldlabel`),
    wholeOnly: list('gold classes categories serious sentiment symptom'),
    otherwise: new Set(
      list('date time year id ids count predicted prediction predictions pred confidence score probability source by'),
    ),
  },
  id: {
    names:
      list(`id vaersid caseid reportid safetyreportid casenumber primaryid recordid recordnumber reportnumber documentid
      docid uuid guid uid`),
    wholeOnly: list('ids number no nr index key row rowid pmid isr'),
    otherwise: new Set(list('date time type source')),
  },
};

/**
 * Finds the columns of the text, of the label and of the id by their names. Names are compared by their letters and digits
 * only, whatever their case. First come names that match as a whole, in the order of the list of known names, then names
 * whose first or last words do (`VAERS_ID_enhanced`, `Reporter's comments text`). Of equal names the first column wins.
 *
 * @param header decoded names of the columns
 * @param chosen names that a person chose: the very name if there is one, else one of the same letters and digits
 */
export function findColumns(header: readonly string[], chosen: ChosenColumns = {}): ColumnFindings {
  const columns = header.map(toWords);
  const problems: ColumnProblem[] = [];
  const found = new Map<ColumnRole, number>();
  const isFree = (column: number): boolean => ![...found.values()].includes(column);

  for (const role of roles) {
    const name = chosen[role];
    if (name === undefined) continue;
    const column = columnNamed(header, name);
    if (column !== undefined && isFree(column)) {
      found.set(role, column);
    } else {
      problems.push(problemWith(role, name, column));
    }
  }

  for (const findBest of [bestWholeMatch, bestPartMatch]) {
    for (const role of roles) {
      if (chosen[role] !== undefined || found.has(role)) continue;
      const column = findBest(columns, roleNames[role], isFree);
      if (column !== undefined) found.set(role, column);
    }
  }
  return { text: found.get('text'), label: found.get('label'), id: found.get('id'), problems };
}

function problemWith(role: ColumnRole, name: string, column: number | undefined): ColumnProblem {
  if (column === undefined) {
    return {
      kind: 'unknownColumn',
      role,
      name,
      message: `No column is named "${name}"; choose one that the file has.`,
    };
  }
  const message = `The column "${name}" has another role already; choose a different one as the ${role} column.`;
  return { kind: 'columnChosenTwice', role, name, message };
}

/** The words of a name in lower case: `SYMPTOM_TEXT` and `symptomText` are both `symptom`, `text`. */
function toWords(name: string): readonly string[] {
  const spaced = stripByteOrderMark(name)
    .normalize('NFKC')
    .replace(/['\u2019]/g, '')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
  return spaced.toLowerCase().match(/[\p{L}\p{M}]+|\p{N}+/gu) ?? [];
}

function columnNamed(header: readonly string[], name: string): number | undefined {
  const same = header.findIndex((candidate) => stripByteOrderMark(candidate) === stripByteOrderMark(name));
  if (same !== -1) return same;
  const wanted = toWords(name).join('');
  const alike = header.findIndex((candidate) => toWords(candidate).join('') === wanted);
  return alike === -1 || wanted === '' ? undefined : alike;
}

type IsFree = (column: number) => boolean;

function bestWholeMatch(columns: readonly (readonly string[])[], role: RoleNames, isFree: IsFree): number | undefined {
  return firstColumn([...role.names, ...role.wholeOnly], columns, (name, words, column) => {
    return words.join('') === name && isFree(column);
  });
}

function bestPartMatch(columns: readonly (readonly string[])[], role: RoleNames, isFree: IsFree): number | undefined {
  return firstColumn(role.names, columns, (name, words, column) => {
    return isFree(column) && !words.some((word) => role.otherwise.has(word)) && beginsOrEndsWith(words, name);
  });
}

/** The first column that matches the first name that any column matches. */
function firstColumn(
  names: readonly string[],
  columns: readonly (readonly string[])[],
  matches: (name: string, words: readonly string[], column: number) => boolean,
): number | undefined {
  for (const name of names) {
    const column = columns.findIndex((words, index) => matches(name, words, index));
    if (column !== -1) return column;
  }
  return undefined;
}

/** Whether some of the first or of the last words, written together, are `name`. */
function beginsOrEndsWith(words: readonly string[], name: string): boolean {
  return words.some((_, index) => words.slice(0, index + 1).join('') === name || words.slice(index).join('') === name);
}
