import { beginSession } from './camera-session.ts';
import type { CameraSession, SessionSettings } from './session-types.ts';

/** Starts a session. Rejects with an Error whose message is a sentence that says why it cannot be, and what to do. */
export function startSession(settings: SessionSettings = {}): Promise<CameraSession> {
  return beginSession(settings);
}
