/** Other programs, run to their end. */
import { type SpawnOptions, spawn } from 'node:child_process';

/** Runs a program; gives what it has written. Throws when it fails or takes more than `seconds`. */
export async function command(
  words: readonly string[],
  options: SpawnOptions = {},
  seconds = 300,
): Promise<string> {
  const [program = '', ...rest] = words;
  const limits = { timeout: seconds * 1000, killSignal: 'SIGKILL' } as const;
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], ...limits, ...options });
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (data) => {
    said.stdout += String(data);
  });
  child.stderr?.on('data', (data) => {
    said.stderr += String(data);
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...how) => resolve(how));
  });
  if (code === 0) return said.stdout;
  throw new Error(`${words.join(' ')}: ${signal ?? `exit code ${code}`}\n${said.stdout}${said.stderr}`);
}
