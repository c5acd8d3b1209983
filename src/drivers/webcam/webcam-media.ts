/**
 * What a webcam is made of, as uvcvideo tells it: the units of its video control interface, each an entity, in a chain that
 * begins at the sensor and ends at the node of its frames. Nothing can be switched: all links are immutable. The node of
 * metadata stands beside the chain.
 */
import * as abi from '../../abi/index.ts';
import { MediaDevice, type MediaEntity } from '../../media/index.ts';
import { type UsbPort, usbDevice, usbRevision } from '../../v4l2-core/index.ts';
import type { CameraIdentity } from '../lib/driver-module.ts';

// By their names: to take the namespace apart would put all of it into the bundle.
const SINK = abi.MEDIA_PAD_FL_SINK;
const SOURCE = abi.MEDIA_PAD_FL_SOURCE;

/** The sensor, which is also the one input. */
export const SENSOR = 'Camera 1';

/**
 * From the node backwards, as uvcvideo goes along it. The numbers in the names are those that such cameras give their units; 3
 * is the node's. For the two in the middle there is no better function.
 *
 * @kernel uvc_mc_init_entity
 */
const UNITS = [
  { name: 'Extension 4', function: abi.MEDIA_ENT_F_PROC_VIDEO_PIXEL_FORMATTER, pads: [SINK, SOURCE] },
  { name: 'Processing 2', function: abi.MEDIA_ENT_F_PROC_VIDEO_PIXEL_FORMATTER, pads: [SINK, SOURCE] },
  { name: SENSOR, function: abi.MEDIA_ENT_F_CAM_SENSOR, pads: [SOURCE] },
] as const;

const FIXED = abi.MEDIA_LNK_FL_ENABLED | abi.MEDIA_LNK_FL_IMMUTABLE;

/** The media device of a webcam, for its nodes. @kernel uvc_probe */
export function webcamMedia({ driver, card, bus }: CameraIdentity, usb: UsbPort): MediaDevice {
  return new MediaDevice({
    driver,
    model: card,
    busInfo: bus,
    hwRevision: usbRevision,
    parent: usbDevice(usb),
  });
}

/**
 * Adds the chain to the node of the frames, when all nodes are there, in the order of uvcvideo: programs see the numbers.
 *
 * @kernel uvc_mc_register_entities
 */
export function addChain(mdev: MediaDevice, frames: MediaEntity): void {
  frames.initPads([SINK]);
  frames.makeDefault();
  const units = UNITS.map((unit) => mdev.registerEntity({ ...unit, isSubdev: true }));
  let sink = frames;
  for (const unit of units) {
    mdev.createPadLink(unit, unit.pads.length - 1, sink, 0, FIXED);
    sink = unit;
  }
}
