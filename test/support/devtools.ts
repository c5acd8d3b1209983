/** What Chromium is told and asked through the two pipes of --remote-debugging-pipe. */
import type { Readable, Writable } from 'node:stream';

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

export type Ask = (
  method: string,
  params?: Readonly<Record<string, unknown>>,
  sessionId?: unknown,
) => Promise<Record<string, unknown>>;

export interface Devtools {
  readonly ask: Ask;
  /** Settles when the next event of this name comes. */
  readonly happens: (event: string) => Promise<void>;
}

/** Messages end with a NUL. */
export function devtools(to: Writable, from: Readable): Devtools {
  const waiting = new Map<number, (reply: Reply) => void>();
  const awaited = new Map<string, () => void>();
  let rest = '';
  let last = 0;
  from.setEncoding('utf8');
  from.on('data', (text: string) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop() ?? '';
    for (const message of messages) {
      const reply = JSON.parse(message) as Reply;
      waiting.get(reply.id ?? 0)?.(reply);
      waiting.delete(reply.id ?? 0);
      awaited.get(reply.method ?? '')?.();
    }
  });
  const ask: Ask = (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, ({ result, error }) => {
        if (result !== undefined) resolve(result);
        else reject(new Error(`${method}: ${error?.message}`));
      });
      to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  const happens = (event: string) => new Promise<void>((resolve) => awaited.set(event, resolve));
  return { ask, happens };
}

/** The page at `url`, loaded, in which expressions are evaluated; promises are waited for. */
export async function openPage(
  { ask, happens }: Devtools,
  url: string,
): Promise<(expression: string) => Promise<unknown>> {
  const { targetId } = await ask('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await ask('Target.attachToTarget', { targetId, flatten: true });
  const evaluate = async (expression: string) => {
    const how = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await ask('Runtime.evaluate', how, sessionId);
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: unknown }).value;
  };
  await ask('Page.enable', {}, sessionId);
  const loaded = happens('Page.loadEventFired');
  await ask('Page.navigate', { url }, sessionId);
  await loaded;
  return evaluate;
}
