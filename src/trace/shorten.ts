/**
 * What of a printed struct is worth reading: `{index=0, flags=0x0, timecode={type=0, …}}`. Structs inside that are all
 * clear are left out, and of what came back only what has changed is shown.
 */

interface Field {
  readonly name: string;
  readonly value: string;
}

/** The fields of `{a=1, b={c="x, y"}}`; undefined if `text` is not one struct. */
function fieldsOf(text: string): readonly Field[] | undefined {
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
  const fields: Field[] = [];
  let depth = 0;
  let from = 1;
  for (const { 0: token, index } of text.matchAll(/"(?:\\.|[^"\\])*"|'[^']*'|[{}[\],]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    const isEnd = index === text.length - 1;
    if (depth === 0 && !isEnd) return undefined;
    if (!isEnd && (token !== ',' || depth > 1)) continue;
    const field = text.slice(from, index).trim();
    const equals = field.indexOf('=');
    fields.push({ name: field.slice(0, equals), value: field.slice(equals + 1) });
    from = index + 1;
  }
  return fields;
}

/** A struct of several fields, and nothing in them. */
function isClear({ value }: Field): boolean {
  if (!value.startsWith('{') || value.split('=').length < 3) return false;
  const values = value.replaceAll(/\w+=/g, '').replaceAll(/ × \d+/g, '');
  return /^[{}[\], 0x.'"]*$/.test(values);
}

function textOf(fields: readonly Field[]): string {
  return `{${fields.map(({ name, value }) => `${name}=${value}`).join(', ')}}`;
}

export function withoutClear(text: string): string {
  const fields = fieldsOf(text);
  return fields === undefined ? text : textOf(fields.filter((field) => !isClear(field)));
}

/** The fields of `after` that are not as they were before; undefined if all are. */
export function changes(before: string, after: string): string | undefined {
  if (before === after) return undefined;
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  if (was === undefined || is === undefined) return after;
  const old = new Map(was.map(({ name, value }) => [name, value]));
  return textOf(is.filter(({ name, value }) => old.get(name) !== value));
}
