/** What a field can be shown as. */
export type FieldValue = string | number | boolean;

/** The values of nested groups under dotted names. Lists of lists, such as confusion matrices, are left out. */
export function flattenFields(group: object, prefix = ''): Map<string, FieldValue> {
  const values = new Map<string, FieldValue>();
  for (const [key, value] of Object.entries(group)) {
    const name = prefix + key;
    if (isValue(value)) values.set(name, value);
    else if (Array.isArray(value)) {
      if (value.length > 0 && value.every(isValue)) values.set(name, value.join(', '));
    } else if (typeof value === 'object' && value !== null) {
      for (const [inner, each] of flattenFields(value, `${name}.`)) values.set(inner, each);
    }
  }
  return values;
}

function isValue(value: unknown): value is FieldValue {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
