/** Descriptions of cameras that are wrong, and what is said of them: the truth of tests and of `docs/errors.md`. */
import { drivers } from '../../../src/drivers/index.ts';
import type { FormatName } from '../../../src/pixel/index.ts';

export const viviFormatNames = drivers.find('vivi')?.settings.format?.values as readonly FormatName[];

export const wrongSpecs: readonly (readonly [spec: string, says: string])[] = [
  [
    '',
    'A camera needs a driver: choose one of vivi, vivi-mplane, vivi-legacy, webcam, loopback, m2m, skeleton, such as vivi,size=1280x720.',
  ],
  ['vivid', 'There is no driver "vivid": did you mean vivi?'],
  [
    'toString',
    'There is no driver "toString": choose one of vivi, vivi-mplane, vivi-legacy, webcam, loopback, m2m, skeleton, such as vivi,size=1280x720.',
  ],
  ['vivi,siez=1x1', 'The driver vivi does not know "siez": did you mean size?'],
  [
    'vivi,toString=1',
    'The driver vivi does not know "toString": its settings are size, fps, format, memory, read, crop, std, limit, name, driver, bus, readers.',
  ],
  [
    'vivi,limit=16MB',
    'limit=16MB is not an amount of memory: write bytes, or a number with K, M or G, such as limit=16M.',
  ],
  [
    'vivi,limit=0',
    'limit=0 is not an amount of memory: write bytes, or a number with K, M or G, such as limit=16M.',
  ],
  ['vivi,', 'Nothing follows the last comma: leave it out.'],
  ['skeleton,fps=1', 'The driver skeleton does not know "fps": its settings are name, driver, bus, readers.'],
  ['vivi,size', '"size" has no value: write it as size=1280x720.'],
  ['vivi,fps=', '"fps" has no value: write it as fps=60.'],
  ['vivi,fps=1,fps=2', '"fps" is given twice: leave one of them out.'],
  ['vivi,size=big', 'size=big is not a size: write it as WIDTHxHEIGHT, such as size=1280x720.'],
  ['vivi,size=4096x2160', 'size=4096x2160 is out of range: vivi makes 48x32 to 1920x1200.'],
  [
    'vivi,size=642x480',
    'size=642x480 is not possible: the width must be a multiple of 4, such as size=644x480.',
  ],
  [
    'vivi,fps=fast',
    'fps=fast is not a frame rate: write a number such as fps=30, fps=29.97 or fps=30000/1001, or fps=max.',
  ],
  [
    'vivi,fps=1.5/2',
    'fps=1.5/2 is not a frame rate: write a number such as fps=30, fps=29.97 or fps=30000/1001, or fps=max.',
  ],
  ['vivi,fps=0', 'fps=0 is out of range: vivi makes 1 to 120 frames a second.'],
  ['vivi,fps=0.999', 'fps=0.999 is out of range: vivi makes 1 to 120 frames a second.'],
  ['vivi,fps=121', 'fps=121 is out of range: vivi makes 1 to 120 frames a second.'],
  ['vivi,fps=30/0', 'fps=30/0 is out of range: vivi makes 1 to 120 frames a second.'],
  [
    'vivi,format=MJPEG',
    `format=MJPEG is not one that vivi has: choose one of ${viviFormatNames.join(', ')}.`,
  ],
  [
    'vivi,format=toString',
    `format=toString is not one that vivi has: choose one of ${viviFormatNames.join(', ')}.`,
  ],
  ['vivi,memory=disk', 'memory=disk is not possible: choose one of vmalloc, dma-contig, dma-sg.'],
  [
    'vivi-mplane,format=YUYV',
    'format=YUYV is not one that vivi-mplane has: choose one of NV12M, YUV420M, NV16M, NV12.',
  ],
  ['loopback,size=1x1', 'size=1x1 is out of range: loopback makes 2x2 to 8192x8192.'],
  ['loopback,fps=2000', 'fps=2000 is out of range: loopback makes 1/60 to 1000 frames a second.'],
  ['loopback,readers=two', 'readers=two is not possible: choose one of one, many.'],
  ['loopback,drop=', '"drop" has no value: write it as drop=now.'],
  ['loopback,drop=always', 'drop=always is not possible: choose one of late, now, never.'],
  ['Vivi', 'There is no driver "Vivi": did you mean vivi?'],
  [
    'camera',
    'There is no driver "camera": choose one of vivi, vivi-mplane, vivi-legacy, webcam, loopback, m2m, skeleton, such as vivi,size=1280x720.',
  ],
  [
    '/dev/video0',
    'A camera begins with the name of a driver, and "/dev/video0" is none: choose one of vivi, vivi-mplane, vivi-legacy, webcam, loopback, m2m, skeleton, such as vivi,size=1280x720.',
  ],
  [
    'rtsp://camera/1',
    'A camera begins with the name of a driver, and "rtsp://camera/1" is none: write webcam,source=rtsp://camera/1.',
  ],
  [
    'vivi:size=640x480',
    '"vivi:size=640x480" is no camera: write a comma after the driver, vivi,size=640x480.',
  ],
  [
    'vivi size=640x480',
    '"vivi size=640x480" is no camera: write a comma after the driver, vivi,size=640x480.',
  ],
  ['vivi,size:640x480', '"size:640x480" is no setting: write size=640x480.'],
  ['vivi,fps=29,97', '"fps=29,97" has a comma in its number: write fps=29.97.'],
  ['vivi,640x480', '"640x480" is a value without its setting: write size=640x480.'],
  ['loopback,mjpeg', '"mjpeg" is a value without its setting: write format=mjpeg.'],
  ['vivi:640x480', '"vivi:640x480" is no camera: write a comma after the driver, vivi,640x480.'],
  [
    'vivi,size=640x480 fps=30',
    '"size=640x480 fps=30" has a blank where a comma belongs: write size=640x480,fps=30.',
  ],
  ['skeleton,readers=many', 'readers=many is not possible: it is always one.'],
  [
    'vivi,bus=kitchen',
    'bus=kitchen is not possible: it begins with platform:, usb-, PCI: or another bus that programs know, such as bus=platform:front-door.',
  ],
  [
    'vivi,name=A camera with a name that nobody can read',
    'name=A camera with a name that nobody can read is too long: a program can be told 31 bytes, these are 41.',
  ],
  [
    'webcam,source=qr:left, right',
    `"source=qr:left, right" has a comma in its text: write 'source=qr:left\\, right'.`,
  ],
  ['webcam,source=a\\,b,c.mkv', `"source=a,b,c.mkv" has a comma in its text: write 'source=a\\,b\\,c.mkv'.`],
  ['webcam,source=film.mkv,loob', 'The driver webcam does not know "loob": did you mean loop?'],
  ['m2m,op=sharpen', 'op=sharpen is not possible: choose one of copy, flip, hflip, invert.'],
  ['m2m,time=1s', 'time=1s is not possible: write milliseconds, 0 to 10001.'],
  [
    'm2m,fps=30',
    'The driver m2m does not know "fps": its settings are op, time, name, driver, bus, readers.',
  ],
];
