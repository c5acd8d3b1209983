/** Words that are nearly right: for those who mistype. */

/** The number of single letters to add, take away or change that make one word another. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

const FURTHEST = 2;

/** The word that was probably meant. */
export function similar(word: string, words: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const [best] = words
    .map((candidate) => ({ candidate, away: distance(lower, candidate) }))
    .filter(({ candidate, away }) => away <= Math.min(FURTHEST, candidate.length - 2))
    .sort((a, b) => a.away - b.away);
  return best?.candidate;
}
