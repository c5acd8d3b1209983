/** The profiles that ship: kinds of cameras that people have. */
import type { ProfileControl, ProfileFormat, WebcamProfile } from './profile.ts';

function control(
  id: string,
  min: number,
  max: number,
  standard: number,
  more: { step?: number; items?: readonly number[] } = {},
): ProfileControl {
  return { id, min, max, default: standard, ...more };
}

/** `640x480 800x600`, all with these rates. */
function format(
  name: string,
  ...groups: readonly (readonly [sizes: string, rates: readonly number[]])[]
): ProfileFormat {
  const sizes = groups.flatMap(([words, rates]) =>
    words.split(' ').map((word) => {
      const [width = 0, height = 0] = word.split('x').map(Number);
      return { width, height, rates };
    }),
  );
  return { format: name, sizes };
}

const picture = [
  control('BRIGHTNESS', 0, 255, 128),
  control('CONTRAST', 0, 255, 128),
  control('SATURATION', 0, 255, 128),
];

const whiteBalance = [
  control('AUTO_WHITE_BALANCE', 0, 1, 1),
  control('WHITE_BALANCE_TEMPERATURE', 2000, 6500, 4000),
];

/** Manual and aperture priority are what such cameras have. */
const exposure = [
  control('EXPOSURE_AUTO', 0, 3, 3, { items: [1, 3] }),
  control('EXPOSURE_ABSOLUTE', 3, 2047, 250),
  control('EXPOSURE_AUTO_PRIORITY', 0, 1, 0),
];

const power = control('POWER_LINE_FREQUENCY', 0, 2, 2);

const direction = [
  control('PAN_ABSOLUTE', -36_000, 36_000, 0, { step: 3600 }),
  control('TILT_ABSOLUTE', -36_000, 36_000, 0, { step: 3600 }),
  control('ZOOM_ABSOLUTE', 100, 500, 100),
];

const focus = [control('FOCUS_AUTO', 0, 1, 1), control('FOCUS_ABSOLUTE', 0, 250, 0, { step: 5 })];

const ALL = [30, 24, 20, 15, 10, 7.5, 5];
const SMALL = '160x90 160x120 176x144 320x180 320x240 352x288 432x240 640x360';

export const webcamProfiles: Readonly<Record<string, WebcamProfile>> = {
  /** In the lid of a laptop. */
  hd: {
    card: 'Integrated Camera: Integrated C',
    usb: { vendor: '04f2', product: 'b6d9' },
    formats: [
      format('MJPEG', ['1280x720 640x480 848x480 640x360 424x240 352x288 320x240 320x180', [30]]),
      format('YUYV', ['640x480 640x360 424x240 352x288 320x240 320x180', [30]], ['1280x720', [10]]),
    ],
    controls: [
      ...picture,
      control('HUE', -180, 180, 0),
      ...whiteBalance,
      control('GAMMA', 90, 150, 120),
      power,
      control('SHARPNESS', 0, 7, 2),
      control('BACKLIGHT_COMPENSATION', 0, 2, 1),
      ...exposure,
      control('PRIVACY', 0, 1, 0),
    ],
  },
  /** On top of a monitor, USB 2. */
  fullhd: {
    card: 'HD Pro Webcam C920',
    usb: { vendor: '046d', product: '082d' },
    formats: [
      format(
        'YUYV',
        [`640x480 ${SMALL}`, ALL],
        ['800x448 800x600 864x480', [24, 20, 15, 10, 7.5, 5]],
        ['960x720 1024x576', [15, 10, 7.5, 5]],
        ['1280x720', [10, 7.5, 5]],
        ['1600x896', [7.5, 5]],
        ['1920x1080', [5]],
      ),
      ...['H264', 'MJPEG'].map((name) =>
        format(name, [
          `640x480 ${SMALL} 800x448 800x600 864x480 960x720 1024x576 1280x720 1600x896 1920x1080`,
          ALL,
        ]),
      ),
    ],
    controls: [
      ...picture,
      ...whiteBalance,
      control('GAIN', 0, 255, 0),
      power,
      control('SHARPNESS', 0, 255, 128),
      control('BACKLIGHT_COMPENSATION', 0, 1, 0),
      ...exposure,
      ...direction,
      ...focus,
    ],
  },
  /** USB 3: large frames that are not compressed. */
  usb3: {
    card: 'USB3 Video Camera',
    usb: { vendor: '1d6b', product: '0102' },
    formats: ['NV12', 'YUYV', 'MJPEG'].map((name) =>
      format(name, ['1920x1080 1280x720 960x540 640x480 640x360', [60, 50, 30, 25, 24, 15]]),
    ),
    controls: [
      ...picture,
      ...whiteBalance,
      power,
      ...exposure,
      ...direction,
      ...focus,
      control('PRIVACY', 0, 1, 0),
    ],
  },
};
