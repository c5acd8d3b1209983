/**
 * A small capture application, to be read from top to bottom: the whole life of a V4L2 stream, in the order
 * in which a program goes through it. It is an ordinary client and knows nothing of usercam:
 *
 *     usercam run -- node dist/examples/capture.js [device] [--frames N] [--size WxH] [--format FOURCC]
 */
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import {
  fourcc,
  fourccToString,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_CAP_STREAMING,
  V4L2_CAP_TIMEPERFRAME,
  V4L2_CAP_VIDEO_CAPTURE,
  V4L2_FRMSIZE_TYPE_DISCRETE,
  V4L2_MEMORY_MMAP,
  VIDIOC_DQBUF,
  VIDIOC_ENUM_FMT,
  VIDIOC_ENUM_FRAMESIZES,
  VIDIOC_G_FMT,
  VIDIOC_G_PARM,
  VIDIOC_QBUF,
  VIDIOC_QUERYBUF,
  VIDIOC_QUERYCAP,
  VIDIOC_REQBUFS,
  VIDIOC_S_FMT,
  VIDIOC_S_PARM,
  VIDIOC_STREAMOFF,
  VIDIOC_STREAMON,
  v4l2_buffer,
  v4l2_capability,
  v4l2_fmtdesc,
  v4l2_format,
  v4l2_frmsizeenum,
  type v4l2_pix_format,
  v4l2_requestbuffers,
  v4l2_streamparm,
} from '../src/abi/index.ts';
import { type CaptureOptions, parseOptions, USAGE } from './capture-options.ts';
import { canConvert, toPng } from './pixels.ts';
import { Progress } from './progress.ts';
import { close, ioctl, type Mapping, mmap, munmap, open, tryIoctl, waitForFrame } from './v4l2-client.ts';

const BUFFERS = 4;
const FRAME_TIMEOUT_MS = 5000;

/** Structs are made once and used again: `$bytes` of a view is what the ioctl gets. */
const buffer = v4l2_buffer.make();
const streamType = Int32Array.of(V4L2_BUF_TYPE_VIDEO_CAPTURE);

function say(step: string, text = ''): void {
  console.log(`${step.padEnd(16)} ${text}`.trimEnd());
}

// 1. What is this device?
function queryCapabilities(fd: number): void {
  const cap = v4l2_capability.make();
  ioctl(fd, VIDIOC_QUERYCAP, cap);
  const version = [cap.version >> 16, (cap.version >> 8) & 255, cap.version & 255].join('.');
  say('QUERYCAP', `${cap.card} (driver ${cap.driver}, ${cap.bus_info}), kernel ${version}`);
  if ((cap.device_caps & V4L2_CAP_VIDEO_CAPTURE) === 0) throw new Error('the device cannot capture video');
  if ((cap.device_caps & V4L2_CAP_STREAMING) === 0) throw new Error('the device cannot stream');
}

// 2. What does it offer? Lists are asked for index by index, until the device says EINVAL.
function enumFormats(fd: number): number[] {
  const formats: number[] = [];
  const desc = v4l2_fmtdesc.make();
  desc.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  for (; tryIoctl(fd, VIDIOC_ENUM_FMT, desc) === 0; desc.index++) formats.push(desc.pixelformat);
  say('ENUM_FMT', formats.map(fourccToString).join(' '));
  return formats;
}

function enumFrameSizes(fd: number, pixelformat: number): void {
  const sizes: string[] = [];
  const size = v4l2_frmsizeenum.make();
  size.pixel_format = pixelformat;
  for (; tryIoctl(fd, VIDIOC_ENUM_FRAMESIZES, size) === 0; size.index++) {
    if (size.type !== V4L2_FRMSIZE_TYPE_DISCRETE) {
      const { min_width, max_width, step_width, min_height, max_height, step_height } = size.stepwise;
      sizes.push(`${min_width}x${min_height} to ${max_width}x${max_height}`);
      sizes.push(`in steps of ${step_width}x${step_height}`);
      break;
    }
    sizes.push(`${size.discrete.width}x${size.discrete.height}`);
  }
  say('ENUM_FRAMESIZES', sizes.length === 0 ? 'the device does not tell' : sizes.join(' '));
}

// 3. Agree on a format. S_FMT is a proposal: the device changes what it cannot do, and the answer counts.
function choosePixelFormat(current: number, offered: readonly number[]): number {
  return canConvert(current) ? current : (offered.find(canConvert) ?? current);
}

function negotiateFormat(fd: number, options: CaptureOptions): v4l2_pix_format {
  const format = v4l2_format.make();
  format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  const { pix } = format.fmt;
  const offered = enumFormats(fd);
  ioctl(fd, VIDIOC_G_FMT, format);
  pix.pixelformat =
    options.format === undefined ? choosePixelFormat(pix.pixelformat, offered) : fourcc(options.format);
  if (options.size !== undefined) {
    pix.width = options.size.width;
    pix.height = options.size.height;
  }
  enumFrameSizes(fd, pix.pixelformat);
  ioctl(fd, VIDIOC_S_FMT, format);
  say(
    'S_FMT',
    `${pix.width}x${pix.height} ${fourccToString(pix.pixelformat)}, ${pix.sizeimage} bytes a frame`,
  );
  if (options.format !== undefined && fourccToString(pix.pixelformat) !== options.format)
    console.log(`${' '.repeat(17)}(${options.format} was asked for, this is what the device gives)`);
  return pix;
}

// 4. Agree on a rate. Not every device can change it.
function negotiateRate(fd: number): void {
  const parm = v4l2_streamparm.make();
  parm.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  const { capture } = parm.parm;
  if (tryIoctl(fd, VIDIOC_G_PARM, parm) !== 0 || (capture.capability & V4L2_CAP_TIMEPERFRAME) === 0) {
    say('S_PARM', 'the device has one frame rate only');
    return;
  }
  capture.timeperframe.numerator = 1;
  capture.timeperframe.denominator = 30;
  ioctl(fd, VIDIOC_S_PARM, parm);
  const { numerator, denominator } = capture.timeperframe;
  say('S_PARM', `${(denominator / numerator).toFixed(2)} frames per second`);
}

// 5. Buffers: the device allocates them, the program maps each one into its memory.
function prepareBuffer(index: number): void {
  buffer.$bytes.fill(0);
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  buffer.index = index;
}

function requestBuffers(fd: number, count: number): number {
  const request = v4l2_requestbuffers.make();
  request.count = count;
  request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  request.memory = V4L2_MEMORY_MMAP;
  ioctl(fd, VIDIOC_REQBUFS, request);
  return request.count;
}

function mapBuffers(fd: number): Mapping[] {
  const count = requestBuffers(fd, BUFFERS);
  say('REQBUFS', `${count} buffers (${BUFFERS} asked for)`);
  const mappings: Mapping[] = [];
  for (let index = 0; index < count; index++) {
    prepareBuffer(index);
    ioctl(fd, VIDIOC_QUERYBUF, buffer);
    mappings.push(mmap(fd, buffer.m.offset, buffer.length));
  }
  say('QUERYBUF, mmap', `${count} times ${buffer.length} bytes`);
  return mappings;
}

// 6. Streaming: give all buffers to the device, then take each full one and give it back.
function capture(
  fd: number,
  mappings: readonly Mapping[],
  pix: v4l2_pix_format,
  options: CaptureOptions,
): void {
  for (let index = 0; index < mappings.length; index++) {
    prepareBuffer(index);
    ioctl(fd, VIDIOC_QBUF, buffer);
  }
  say('QBUF', `all ${mappings.length}`);
  ioctl(fd, VIDIOC_STREAMON, streamType);
  say('STREAMON');

  const progress = new Progress(options.frames, process.stdout);
  for (let frame = 1; frame <= options.frames; frame++) {
    waitForFrame(fd, FRAME_TIMEOUT_MS);
    prepareBuffer(0);
    ioctl(fd, VIDIOC_DQBUF, buffer);
    progress.frame(buffer.sequence, performance.now());
    // Between DQBUF and QBUF the bytes are the program's: this is the place to look at them.
    if (frame === options.frames) savePicture(mappings[buffer.index]!.bytes, pix, options.png);
    ioctl(fd, VIDIOC_QBUF, buffer);
  }
  say('DQBUF, QBUF', progress.summary());
}

function savePicture(frame: Uint8Array, pix: v4l2_pix_format, file: string): void {
  if (canConvert(pix.pixelformat)) writeFileSync(file, toPng(frame, pix));
}

// 7. The way back: each step undoes one above.
function stop(fd: number, mappings: readonly Mapping[]): void {
  ioctl(fd, VIDIOC_STREAMOFF, streamType);
  say('STREAMOFF');
  mappings.forEach(munmap);
  requestBuffers(fd, 0);
  say('munmap, REQBUFS', 'the buffers are given back');
}

function run(options: CaptureOptions): void {
  const fd = open(options.device);
  say('open', options.device);
  try {
    queryCapabilities(fd);
    const pix = negotiateFormat(fd, options);
    negotiateRate(fd);
    const mappings = mapBuffers(fd);
    capture(fd, mappings, pix, options);
    stop(fd, mappings);
    if (canConvert(pix.pixelformat)) say('picture', `the last frame is in ${options.png}`);
    else say('picture', `none: no conversion from ${fourccToString(pix.pixelformat)} here`);
  } finally {
    close(fd);
    say('close');
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) console.log(USAGE);
  else run(options);
} catch (error) {
  console.error(`capture: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
