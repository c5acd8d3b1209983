/** What is wrong with a camera's description, and how to mend it. The message is for whoever typed it. */
export class CameraSpecError extends Error {
  override readonly name = 'CameraSpecError';
}
