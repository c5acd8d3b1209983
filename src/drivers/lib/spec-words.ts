/**
 * The words of a camera's description, between commas. A comma with a backslash before it belongs to the word. So two backslashes
 * before a comma are one of the word; all others are as they are written: `name=C:\cameras`.
 */

export function wordsOf(spec: string): readonly string[] {
  const parts = spec.split(',');
  const words: string[] = [];
  let word = '';
  for (const part of parts.slice(0, -1)) {
    const plain = part.replace(/\\+$/, '');
    const backslashes = part.length - plain.length;
    word += plain + '\\'.repeat(backslashes >> 1);
    if (backslashes & 1) word += ',';
    else {
      words.push(word);
      word = '';
    }
  }
  return [...words, word + parts.at(-1)];
}

const withCommas = (word: string): string => word.replace(/(\\*),/g, '$1$1\\,');

/** The description that {@link wordsOf} takes apart into `words`. */
export function joinWords(words: readonly string[]): string {
  const last = words.length - 1;
  return words
    .map(withCommas)
    .map((word, i) => (i === last ? word : word.replace(/\\+$/, '$&$&')))
    .join(',');
}
