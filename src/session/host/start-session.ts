import type { CameraSession, SessionSettings } from './session-types.ts';

/** Starts a session. Rejects with an Error whose message is a sentence that says why it cannot be, and what to do. */
export async function startSession(settings: SessionSettings = {}): Promise<CameraSession> {
  // Not loaded by drivers, which have all of the package.
  const { beginSession } = await import('./camera-session.ts');
  return beginSession(settings);
}
