/**
 * usercam as a library: write a V4L2 driver in TypeScript, run it on a virtual clock, talk to it as a program does, and
 * give it to any program with `usercam run --camera ./my-driver.ts`.
 *
 * Anatomy of a device: a driver fills {@link V4l2IoctlOps} and {@link Vb2Ops}, makes a {@link Vb2Queue} over memory
 * ops, and makes a {@link VideoDevice} in the `create` of its {@link DriverModule}. Programs reach it through its `fops`:
 * the syscall door brings calls of real programs there, a test calls them itself with {@link Program}. Start with
 * `src/drivers/skeleton/skeleton.ts`, or with `examples/my-camera.ts`.
 */

// What programs and drivers talk about: videodev2.h, in C's own names, and the numbers of errors.
export * from './abi/index.ts';
export { type BugListener, describeThrown, driverBug, driverBugCount, onDriverBug } from './base/bug.ts';
export * from './base/errno.ts';
export { prInfo } from './base/log.ts';

// Time, and who waits.
export { type Clock, Timer, TimerQueue, VirtualClock } from './base/timers.ts';
export { WaitQueue } from './base/wait-queue.ts';

// A driver as a module: its name, its settings, the devices that it makes.
export {
  bytesSetting,
  type CameraCommon,
  type CameraIdentity,
  type CameraSpec,
  CameraSpecError,
  type CameraSurroundings,
  choiceSetting,
  createCamera,
  createCameras,
  type DriverFinder,
  type DriverModule,
  DriverRegistry,
  defineDriver,
  fillCapability,
  formatSetting,
  type MemoryBackEnd,
  memOpsOf,
  memoryBackEnds,
  numberSetting,
  parseCamera,
  type Rate,
  type Readers,
  rateSetting,
  registerDriver,
  type Setting,
  type Settings,
  type SettingValues,
  sizeSetting,
  textSetting,
} from './drivers/index.ts';

// What a camera that makes its own frames need not write again: a node, its formats, sizes and rates, and when frames fall due.
export {
  type CaptureDevice,
  type CaptureDeviceConfig,
  captureNode,
  type QueueOf,
} from './drivers/lib/capture-device.ts';
export { captureMplaneOps, captureOps, oneInputOps } from './drivers/lib/capture-ioctl.ts';
export { type Colorimetry, defaultColorimetry, givenColorimetry } from './drivers/lib/colorimetry.ts';
export { FrameClock, type FrameDue } from './drivers/lib/frame-clock.ts';
export {
  checkFrame,
  type FrameFormat,
  fillPix,
  fillPixMplane,
  frameFormat,
  hasFormat,
  isSameShape,
  nearestFormat,
  prepareFrame,
  setupFrames,
} from './drivers/lib/frame-format.ts';
export {
  compareIntervals,
  fillFraction,
  type IntervalLimits,
  intervalsWith,
  nearestInterval,
  type TimePerFrame,
} from './drivers/lib/frame-interval.ts';
export { FrameSchedule } from './drivers/lib/frame-schedule.ts';
export { nearestSize, type SizeLimits, sizesWith } from './drivers/lib/frame-size.ts';
export { type ListedRates, listedRatesOps } from './drivers/lib/listed-rates.ts';
export { usualLimits } from './drivers/lib/usual-limits.ts';

// Memory of frames: back ends, and what one's own is written against.
export {
  DmaArena,
  type DmabufInfo,
  type DmabufMapper,
  type DmabufMapping,
  type DmaContigConfig,
  type DmaDirection,
  type DmaRange,
  type DmaSegment,
  dmaContigMemOps,
  dmaSgMemOps,
  HeapDmabufs,
  heapPages,
  type MappedPlane,
  type PageAllocator,
  type Pages,
  type PhysicalAddress,
  type PlaneCookie,
  type Vb2MemOps,
  vmallocMemOps,
} from './memory/index.ts';
export { memfdPages } from './memory/memfd.ts';
export { PAGE_SIZE, pageAlign } from './memory/page-size.ts';

// Pixel formats, and pictures in them. (`FormatName` of videodev2 is a description, this one what `formatsNamed` takes.)
export {
  bytesperlineOf,
  depthOf,
  type FormatInfo,
  type FormatName,
  type FrameSize,
  formatInfo,
  formatsNamed,
  heightStepOf,
  isCompressed,
  isPacked,
  memorySizes,
  type PixelEncoding,
  type PlaneInfo,
  pixelFormats,
  planeBytes,
  sizeimageOf,
  widthStepOf,
} from './pixel/index.ts';
export {
  type FrameShape,
  type FrameSource,
  type FrameTarget,
  MovingPattern,
  type PaintedSource,
  type PictureSource,
  putFrame,
  stillPicture,
} from './sources/index.ts';

// To test a driver: a program in this process.
export { BAD_ADDRESS, Capture, ClientFile, Program, Thread } from './testing/in-process-client.ts';
export {
  type Adjustment,
  adjust,
  type BarsPainter,
  type Captioned,
  CaptionedPainter,
  canPack,
  checker,
  createBars,
  FramePainter,
  fullBars,
  GLYPH_HEIGHT,
  GLYPH_WIDTH,
  grayRamp,
  NO_ADJUSTMENT,
  type Pattern,
  PlanePainter,
  patterns,
  type Rgb,
  recolored,
  solid,
  type TextInk,
  TextPainter,
  type TpgShape,
  viviBars,
  whiteOnBlack,
} from './tpg/index.ts';

// The V4L2 core and the seam below it.
export {
  type ArrayIoctlOp,
  type BlockingIoctlOp,
  type Cluster,
  type CtrlNumber,
  type CtrlPayload,
  captureMemOps,
  ctrlEventOps,
  type FrameQueue,
  fhQueueFops,
  fhQueueIoctlOps,
  type IoctlInfo,
  type IoctlName,
  type IoctlOp,
  ioctlInfo,
  ioctlTable,
  m2mBufCopyMetadata,
  m2mCtxOf,
  m2mGetVq,
  type QueueOfFh,
  type ScalarView,
  type StdCtrl,
  stdCtrl,
  stdCtrls,
  type V4l2Ctrl,
  type V4l2CtrlConfig,
  V4l2CtrlHandler,
  type V4l2CtrlOps,
  type V4l2CtrlTypeOps,
  V4l2Fh,
  type V4l2FhEvents,
  type V4l2FileOperations,
  type V4l2IoctlOps,
  V4l2M2mCtx,
  type V4l2M2mCtxConfig,
  V4l2M2mDev,
  type V4l2M2mOps,
  V4l2PrioState,
  type V4l2SubscribedEvent,
  type V4l2SubscribedEventOps,
  VideoDevice,
  type VideoDeviceConfig,
  VideoDeviceRegistry,
  v4l2CtrlActivate,
  v4l2CtrlAutoCluster,
  v4l2CtrlCluster,
  v4l2CtrlGCtrl,
  v4l2CtrlGCtrlInt64,
  v4l2CtrlGrab,
  v4l2CtrlLogStatus,
  v4l2CtrlModifyDimensions,
  v4l2CtrlModifyRange,
  v4l2CtrlSCtrl,
  v4l2CtrlSCtrlCompound,
  v4l2CtrlSCtrlInt64,
  v4l2CtrlSCtrlString,
  v4l2CtrlSubscribeEvent,
  v4l2CtrlTypeOps,
  v4l2EventQueue,
  v4l2EventQueueFh,
  v4l2EventSubscribe,
  v4l2EventUnsubscribe,
  v4l2M2mFops,
  v4l2M2mIoctlOps,
  v4l2SrcChangeEventSubscribe,
  vb2Fops,
  vb2IoctlOps,
  vb2QueueOf,
} from './v4l2-core/index.ts';
export {
  type Access,
  type Caller,
  type CharDevice,
  File,
  type FileOperations,
  MAP_SHARED,
  type Mappable,
  type MmapRequest,
  type PinnedMemory,
  POLL_NOW,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDNORM,
  POLLWRNORM,
  PROT_READ,
  PROT_WRITE,
  type UserAddress,
  type UserMemory,
  WOULD_BLOCK,
} from './vfs/file.ts';

// The buffer queue: what a driver calls, what it is called with, and the verbs of the face that programs see.
export {
  type BufferCalls,
  coreHasDone,
  coreIsIdle,
  FrameTime,
  type QueueCalls,
  STATE_FACTS,
  TRANSITIONS,
  type TransitionName,
  VB2_BUF_STATES,
  VB2_DEFAULT_MAX_BUFFERS,
  VB2_DMABUF,
  VB2_MAX_PLANES,
  VB2_MEMORY_DMABUF,
  VB2_MEMORY_MMAP,
  VB2_MEMORY_UNKNOWN,
  VB2_MEMORY_USERPTR,
  VB2_MMAP,
  VB2_READ,
  VB2_USERPTR,
  VB2_WRITE,
  type Vb2Buffer,
  type Vb2BufferState,
  type Vb2File,
  type Vb2Ops,
  type Vb2Plane,
  Vb2Queue,
  type Vb2QueueConfig,
  type Vb2QueueSetup,
  Vb2Thread,
  vb2CreateBufs,
  vb2DmaContigPlaneDmaAddr,
  vb2DmaSgPlane,
  vb2Dqbuf,
  vb2Expbuf,
  vb2FopRelease,
  vb2Mmap,
  vb2Poll,
  vb2PrepareBuf,
  vb2Qbuf,
  vb2Querybuf,
  vb2Read,
  vb2RemoveBufs,
  vb2Reqbufs,
  vb2Streamoff,
  vb2Streamon,
  vb2Undqbuf,
  vb2Write,
} from './videobuf2/index.ts';
