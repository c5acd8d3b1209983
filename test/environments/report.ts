/** What the checks of checks.sh have found, in a table. */

export interface Finding {
  readonly environment: string;
  readonly check: string;
  readonly result: 'ok' | 'FAIL' | 'skipped';
  readonly seconds: number;
  /** What was said when it failed, or why it was skipped. */
  readonly words?: string;
}

/** Those of checks.sh that hold wherever usercam says it works. */
export const CHECKS = ['doctor', 'mmap', 'read', 'orphan', 'loopback', 'compliance'] as const;

/** Reads the output of checks.sh: a CHECK line comes after what its check has said. All of `checks` have to be there. */
export function findingsIn(
  output: string,
  environment: string,
  checks: readonly string[] = CHECKS,
): readonly Finding[] {
  const findings: Finding[] = [];
  let words: string[] = [];
  for (const line of output.split(/\r?\n/)) {
    const [, check = '', result, seconds] = /^CHECK (\S+) (ok|FAIL) (\d+)$/.exec(line) ?? [];
    if (result === undefined) {
      words.push(line);
      continue;
    }
    const finding = { environment, check, result: result as Finding['result'], seconds: Number(seconds) };
    findings.push(result === 'FAIL' ? { ...finding, words: words.join('\n') } : finding);
    words = [];
  }
  if (checks.every((name) => findings.some(({ check }) => check === name))) return findings;
  return [...findings, { environment, check: 'all', result: 'FAIL', seconds: 0, words: words.join('\n') }];
}

/** Prints the table and what failed; true if nothing has. */
export function report(findings: readonly Finding[]): boolean {
  const rows = findings.map(({ environment, check, result, seconds }) => [
    environment,
    check,
    result,
    seconds.toFixed(0),
  ]);
  const table = [['environment', 'check', 'result', 'seconds'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  for (const row of table)
    console.log(
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  for (const { environment, check, result, words } of findings) {
    if (result !== 'ok') console.log(`\n${environment}, ${check}: ${result}: ${words}`);
  }
  return findings.every(({ result }) => result !== 'FAIL');
}
