/**
 * A camera that looks like one on USB: its formats, sizes, rates, controls and names are those of a profile, and what it
 * shows comes from anywhere. What it has is in profiles.ts and webcam-modes.ts, what can be set in webcam-ctrls.ts,
 * what it shows in webcam-picture.ts, what it answers in webcam-ioctl.ts, and what it is made of in webcam-media.ts.
 */
import {
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_CAP_STREAMING,
  V4L2_CAP_VIDEO_CAPTURE,
  V4L2_CID_PRIVACY,
} from '../../abi/index.ts';
import { prInfo } from '../../base/log.ts';
import type { MediaDevice, MediaEntity } from '../../media/index.ts';
import { type FormatInfo, formatsNamed, pixelFormats } from '../../pixel/index.ts';
import {
  type UsbPort,
  usbBusInfo,
  type V4l2CtrlHandler,
  VideoDevice,
  v4l2CtrlSCtrl,
  vb2Fops,
  vb2IoctlOps,
} from '../../v4l2-core/index.ts';
import type { Vb2Queue } from '../../videobuf2/index.ts';
import { CameraSpecError } from '../lib/camera-spec-error.ts';
import { type CameraSurroundings, defineDriver } from '../lib/driver-module.ts';
import { FileReaders, type Readers } from '../lib/file-readers.ts';
import { memOpsOf } from '../lib/memory-back-ends.ts';
import {
  choiceSetting,
  formatSetting,
  optionalSetting,
  rateSetting,
  type Setting,
  sizeSetting,
} from '../lib/settings.ts';
import { tellSourceChange } from '../lib/source-change.ts';
import { checkSource, playingOf, sourceSettings } from '../lib/source-setting.ts';
import { type CameraSteering, laterMode, readMode, type VideoMode } from '../lib/steering.ts';
import { type ProfileFormat, readProfile, type WebcamProfile } from './profile.ts';
import { webcamProfiles } from './profiles.ts';
import { usualView, webcamControls } from './webcam-ctrls.ts';
import { WebcamDevice } from './webcam-device.ts';
import { webcamOps } from './webcam-ioctl.ts';
import { addChain, webcamMedia } from './webcam-media.ts';
import { metadataNode, WebcamMetadata } from './webcam-metadata.ts';
import { isWebcamFormat, webcamModes } from './webcam-modes.ts';

const limits = {
  minWidth: 16,
  minHeight: 16,
  maxWidth: 4096,
  maxHeight: 4096,
  widthStep: 2,
  shortest: { numerator: 1, denominator: 120 },
  longest: { numerator: 1, denominator: 1 },
} as const;

const modeSettings = { size: sizeSetting(limits), fps: rateSetting(limits) };

const names = Object.keys(webcamProfiles);

/** The format that somebody else encodes. */
const ENCODED = 'H264';

const profileSetting: Setting<string> = {
  kind: 'text',
  default: 'hd',
  example: 'fullhd',
  values: `${names.join(', ')}, or a file that usercam profile has written`,
  help: 'Which camera it is: formats, sizes, rates, controls and names.',
  read(text, key) {
    if (names.includes(text) || text.endsWith('.json')) return text;
    throw new CameraSpecError(
      `${key}=${text} is not possible: choose one of ${names.join(', ')}, or name a file that ends in .json.`,
    );
  },
  relocate: (text, directory) =>
    names.includes(text) || text.startsWith('/') ? text : `${directory}/${text}`,
};

const usualFormats = formatSetting(formatsNamed('MJPEG', 'YUYV', 'NV12', ENCODED));

/** Those of the profiles that ship are told; which there are is said by the profile. */
const formatOfProfile: Setting<FormatInfo> = {
  ...usualFormats,
  read: (text, key, driver) =>
    pixelFormats.find((info) => info.name === text.toUpperCase() && isWebcamFormat(info)) ??
    usualFormats.read(text, key, driver),
};

function profileOf(name: string, { readText }: CameraSurroundings): WebcamProfile {
  const profile = webcamProfiles[name];
  if (profile !== undefined) return profile;
  const text = readText?.(name);
  if (text === undefined)
    throw new CameraSpecError(`profile=${name} cannot be read: name a file that is there.`);
  return readProfile(text, name);
}

/**
 * The formats that can be made here: without ffmpeg none that needs an encoder. A profile of ours goes without it then, one that was
 * written down for a camera is that camera or none.
 */
function formatsOf(
  { formats }: WebcamProfile,
  { profile, format }: { profile: string; format: FormatInfo | undefined },
  { producers }: CameraSurroundings,
  label: string,
): readonly ProfileFormat[] {
  const missing = producers === undefined ? 'nobody makes its frames' : producers.lacks?.(ENCODED);
  if (missing === undefined || !formats.some((each) => each.format === ENCODED)) return formats;
  if (format?.name === ENCODED) throw new CameraSpecError(`format=${ENCODED} is not possible: ${missing}.`);
  if (!names.includes(profile))
    throw new CameraSpecError(`profile=${profile} has the format ${ENCODED}, for which ${missing}.`);
  prInfo(`${label}: it has no ${ENCODED} here, as ${missing}`);
  return formats.filter((each) => each.format !== ENCODED);
}

/** What can be done to it from outside. A camera with a lid is blank by shutting that, so programs hear of it. */
function webcamSteering(vdev: VideoDevice<WebcamDevice>): CameraSteering {
  const { drvdata: device, ctrlHandler } = vdev;
  const lid = ctrlHandler?.find(V4L2_CID_PRIVACY);
  let receives: VideoMode = {};
  return {
    begin: () => device.begin(),
    end: () => device.end(),
    show: (source) => device.showText(source),
    state: () => ({ ...device.shutter, receives }),
    shows: () => device.shows,
    watch: (watcher) => device.shared.watch(watcher),
    receive(words) {
      device.receive(readMode(words, modeSettings, 'webcam'));
      receives = laterMode(receives, words);
      tellSourceChange(vdev, 1);
    },
    freeze(on) {
      device.shutter.frozen = on;
    },
    blank(on) {
      if (lid === undefined) device.shutter.blank = on;
      else v4l2CtrlSCtrl(lid, Number(on));
    },
  };
}

const steered = (vdev: VideoDevice<WebcamDevice>, others: readonly VideoDevice[]) => ({
  devices: [vdev as VideoDevice, ...others],
  steering: webcamSteering(vdev),
});

/** The node of its frames. */
function framesNode(
  device: WebcamDevice,
  readers: Readers,
  ctrlHandler: V4l2CtrlHandler,
  usb: UsbPort,
  mdev: MediaDevice,
): VideoDevice<WebcamDevice> {
  const node = {
    name: device.identity.card,
    deviceCaps: V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING,
    drvdata: device,
    ctrlHandler,
    usb,
    mdev,
  };
  const newReader = () => device.newReader(V4L2_BUF_TYPE_VIDEO_CAPTURE);
  if (readers === 'many') {
    const files = new FileReaders(newReader, (reader) => device.readers.delete(reader));
    const ioctlOps = { ...files.ioctlOps(), ...webcamOps(files.queueOf) };
    return new VideoDevice<WebcamDevice>({ ...node, ioctlOps, fops: files.fops() });
  }
  const queue = newReader().queue as unknown as Vb2Queue<WebcamDevice>;
  const ioctlOps = { ...vb2IoctlOps, ...webcamOps(() => queue as Vb2Queue) };
  return new VideoDevice<WebcamDevice>({ ...node, ioctlOps, fops: vb2Fops, queue });
}

export const webcamDriver = defineDriver({
  name: 'webcam',
  help: 'A camera that looks like one on USB, and shows a film, a picture, a QR code or whatever you like.',
  settings: {
    ...sourceSettings,
    produce: choiceSetting(
      ['streaming', 'always'],
      'When a film or program runs: while somebody streams, or from the moment when the camera is plugged in.',
    ),
    profile: profileSetting,
    size: optionalSetting(modeSettings.size),
    fps: optionalSetting(modeSettings.fps),
    metadata: optionalSetting(
      choiceSetting(
        ['no', 'yes'],
        'Whether there is a second node, with the headers of each frame on the bus (V4L2_META_FMT_UVC).',
      ),
    ),
    format: optionalSetting(formatOfProfile),
    inactive: choiceSetting(
      ['kept', 'refused'],
      'What becomes of what a program sets while the camera decides it itself (the exposure, say): it is kept for later, or refused with EACCES as by Linux from 5.16 on.',
    ),
  },
  readers: ['one', 'many'],
  identity: ({ profile }, instance, surroundings) => ({
    driver: 'uvcvideo',
    card: profileOf(profile, surroundings).card,
    bus: usbBusInfo(instance + 1),
  }),
  create(
    { source, produce, profile: name, size, fps, format, metadata, inactive, ...play },
    { identity, readers },
    surroundings,
  ) {
    const { clock, pages, producers } = surroundings;
    const profile = profileOf(name, surroundings);
    const { controls, usb } = profile;
    const formats = formatsOf(profile, { profile: name, format }, surroundings, identity.label);
    checkSource(source, producers);
    const interval = fps?.timeperframe;
    const view = { ...usualView };
    const ctrlHandler = webcamControls(view, controls);
    ctrlHandler.refusesInactive = inactive === 'refused';
    const memOps = memOpsOf('vmalloc', pages);
    const hasMetadata = metadata === undefined ? profile.metadata === true : metadata === 'yes';
    const meta = hasMetadata ? new WebcamMetadata(identity, clock, memOps) : undefined;
    const device = new WebcamDevice({
      identity,
      clock,
      memOps,
      modes: webcamModes(formats, { format: format?.name, size, interval }),
      interval,
      view,
      source: { source, playing: playingOf(play), producers, clock, label: identity.label },
      isAlways: produce === 'always',
      metadata: meta,
    });
    const port = { ...usb, port: surroundings.instance + 1, model: identity.card };
    const mdev = webcamMedia(identity, port);
    const frames = framesNode(device, readers, ctrlHandler, port, mdev);
    const others = meta === undefined ? [] : [metadataNode(meta, port, mdev) as VideoDevice];
    addChain(mdev, frames.entity as MediaEntity);
    return steered(frames, others);
  },
});
