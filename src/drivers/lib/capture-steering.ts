/** What can be done from outside to a camera that makes its own frames. */
import type { FrameSize } from '../../pixel/index.ts';
import type { VideoDevice } from '../../v4l2-core/index.ts';
import { CameraSpecError } from './camera-spec-error.ts';
import type { CaptureDevice } from './capture-device.ts';
import type { Rate, Setting } from './settings.ts';
import { tellSourceChange } from './source-change.ts';
import { type CameraSteering, laterMode, readMode, type VideoMode } from './steering.ts';

/** `inputs` is how many the camera has: each of them receives what one is told of. */
export function captureSteering<T>(
  vdev: VideoDevice<CaptureDevice<T>>,
  inputs: number,
  settings: { readonly size: Setting<FrameSize>; readonly fps: Setting<Rate> },
): CameraSteering {
  const device = vdev.drvdata;
  let receives: VideoMode = {};
  return {
    state: () => ({ ...device.shutter, receives }),
    watch: (watcher) => device.shared.watch(watcher),
    receive(words) {
      const mode = readMode(words, settings, device.identity.driver);
      if (mode.interval !== undefined && device.unpaced)
        throw new CameraSpecError(`${device.name} has no rate that could change: it was made with fps=max.`);
      device.receive(mode);
      receives = laterMode(receives, words);
      tellSourceChange(vdev, inputs);
    },
    freeze(on) {
      device.shutter.frozen = on;
    },
    blank(on) {
      device.shutter.blank = on;
    },
  };
}
