/** Poll faces are brought up to date before any program can look at them, and once more where something came late. */
import { type Clock, Timer } from '../../base/timers.ts';
import type { OpenFile } from './open-file.ts';

const SETTLE_MS = 1;

export class FaceUpdates {
  readonly #clock: Clock;
  readonly #dirty: OpenFile[] = [];
  /** Files whose faces do not yet show what they should. */
  readonly #owing = new Set<OpenFile>();
  readonly #timer = new Timer(() => this.#settle());
  readonly #seek: (openFile: OpenFile) => void;

  /** `seek` looks for who has a file that was let go: what its face shows from then on cannot be taken back. */
  constructor(clock: Clock, seek: (openFile: OpenFile) => void) {
    this.#clock = clock;
    this.#seek = seek;
  }

  /** From now on the face of `openFile` follows what poll() says. */
  follow(openFile: OpenFile): void {
    openFile.file.pollWait.add((isNews) => this.#markDirty(openFile, isNews));
    this.refresh(openFile);
  }

  #markDirty(openFile: OpenFile, isNews: boolean): void {
    if (isNews) openFile.hasNews = true;
    if (openFile.dirty) return;
    openFile.dirty = true;
    this.#dirty.push(openFile);
  }

  /** Brings all faces up to date. */
  refreshAll(): void {
    for (let openFile = this.#dirty.pop(); openFile !== undefined; openFile = this.#dirty.pop()) {
      const { hasNews } = openFile;
      openFile.dirty = openFile.hasNews = false;
      if (!openFile.released) this.refresh(openFile, hasNews);
    }
  }

  /** Brings the face of `openFile` up to date; when there is news, who waits for edges is woken. */
  refresh(openFile: OpenFile, hasNews = false): void {
    if (openFile.isLetGo && !openFile.seeking.hasBegun) this.#seek(openFile);
    openFile.refreshFace(hasNews);
    if (openFile.face.owes) this.#owe(openFile);
  }

  #owe(openFile: OpenFile): void {
    this.#owing.add(openFile);
    this.#clock.timers.armBy(this.#timer, this.#clock.now() + SETTLE_MS * 1e6);
  }

  /** What faces could not show at once, because it was late or the machine is busy. */
  #settle(): void {
    const owing = [...this.#owing];
    this.#owing.clear();
    for (const openFile of owing) if (!openFile.released && openFile.face.settle()) this.#owe(openFile);
  }
}
