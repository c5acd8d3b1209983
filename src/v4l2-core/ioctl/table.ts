/**
 * The one table of ioctls. What is valid on a device, how an argument comes in and goes out, which op answers
 * and what the core does around it: everything derives from the rows below.
 */
import * as abi from '../../abi/index.ts';
import { bufTypeSuffixes, enumFmtSuffixes } from '../buf-types.ts';
import { v4lDqevent, v4lUndqevent } from '../events/index.ts';
import { v4lCreateBufs, v4lDqbuf, v4lPrepareBuf, v4lQbuf, v4lQuerybuf, v4lReqbufs } from './buffer.ts';
import {
  v4lGCtrl,
  v4lGExtCtrls,
  v4lQueryctrl,
  v4lQueryExtCtrl,
  v4lQuerymenu,
  v4lSCtrl,
  v4lSExtCtrls,
  v4lTryExtCtrls,
} from './control.ts';
import { v4lCropcap, v4lGCrop, v4lGSelection, v4lSCrop, v4lSSelection } from './crop.ts';
import { v4lEnumFmt, v4lGFmt, v4lSFmt, v4lTryFmt } from './format.ts';
import { v4lEnumInput, v4lEnumOutput } from './input.ts';
import { v4lLogStatus } from './log-status.ts';
import type { IoctlOpName, V4l2IoctlOps } from './ops/index.ts';
import { v4lGParm, v4lSParm } from './parm.ts';
import { v4lGPriority, v4lSPriority } from './priority.ts';
import { v4lQuerycap } from './querycap.ts';
import {
  ALWAYS_COPY,
  type ArrayArgument,
  acts,
  asks,
  BLOCKS,
  CTRL,
  endOf,
  type IoctlInfo,
  PRIO,
} from './row.ts';
import { v4lEnumstd, v4lQuerystd, v4lSStd } from './std.ts';

const int = abi.struct('int', { value: abi.s32 });
const priority = abi.struct('enum v4l2_priority', { value: abi.u32 });
const stdId = abi.struct('v4l2_std_id', { value: abi.v4l2_std_id });

const enumFmtOps: readonly IoctlOpName[] = enumFmtSuffixes.map(
  (suffix) => `vidioc_enum_fmt_${suffix}` as const,
);
const formatOpNames = (verb: 'g' | 's' | 'try'): readonly IoctlOpName[] =>
  bufTypeSuffixes.map((suffix) => `vidioc_${verb}_fmt_${suffix}` as const);

const planes: ArrayArgument = {
  element: abi.v4l2_plane as abi.Layout<abi.Fields>,
  maxCount: abi.VIDEO_MAX_PLANES,
  count: (b: abi.v4l2_buffer) => (abi.V4L2_TYPE_IS_MULTIPLANAR(b.type) ? b.length : 0),
  address: (b: abi.v4l2_buffer) => b.m.planes,
};

const controls: ArrayArgument = {
  element: abi.v4l2_ext_control as abi.Layout<abi.Fields>,
  maxCount: abi.V4L2_CID_MAX_CTRLS,
  count: (c: abi.v4l2_ext_controls) => c.count,
  address: (c: abi.v4l2_ext_controls) => c.controls,
};

const edidBlock = abi.struct('EDID block', { data: abi.array(abi.u8, 128) });
const EDID_MAX_BLOCKS = 256;
const edid: ArrayArgument = {
  element: edidBlock as abi.Layout<abi.Fields>,
  maxCount: EDID_MAX_BLOCKS,
  count: (e: abi.v4l2_edid) => e.blocks,
  address: (e: abi.v4l2_edid) => e.edid,
};

/** Every ioctl of videodev2.h, by number. */
export const ioctlTable: readonly IoctlInfo[] = [
  asks('VIDIOC_QUERYCAP', abi.v4l2_capability, 'vidioc_querycap', { run: v4lQuerycap }),
  asks('VIDIOC_ENUM_FMT', abi.v4l2_fmtdesc, enumFmtOps, { run: v4lEnumFmt }),
  asks('VIDIOC_G_FMT', abi.v4l2_format, formatOpNames('g'), { run: v4lGFmt }),
  acts('VIDIOC_S_FMT', abi.v4l2_format, formatOpNames('s'), { run: v4lSFmt, flags: PRIO }),
  acts('VIDIOC_REQBUFS', abi.v4l2_requestbuffers, 'vidioc_reqbufs', {
    run: v4lReqbufs,
    flags: PRIO | BLOCKS,
  }),
  asks('VIDIOC_QUERYBUF', abi.v4l2_buffer, 'vidioc_querybuf', {
    run: v4lQuerybuf,
    flags: BLOCKS,
    input: 'length',
    array: planes,
  }),
  asks('VIDIOC_G_FBUF', abi.v4l2_framebuffer, 'vidioc_g_fbuf'),
  acts('VIDIOC_S_FBUF', abi.v4l2_framebuffer, 'vidioc_s_fbuf', { flags: PRIO }),
  acts('VIDIOC_OVERLAY', int, 'vidioc_overlay', { byValue: true, flags: PRIO }),
  acts('VIDIOC_QBUF', abi.v4l2_buffer, 'vidioc_qbuf', { run: v4lQbuf, flags: BLOCKS, array: planes }),
  acts('VIDIOC_EXPBUF', abi.v4l2_exportbuffer, 'vidioc_expbuf', { input: 'flags' }),
  acts('VIDIOC_DQBUF', abi.v4l2_buffer, 'vidioc_dqbuf', {
    run: v4lDqbuf,
    flags: BLOCKS,
    array: planes,
    takeBack: (fh) => fh.vdev.fileOps.undqbuf?.(fh) ?? false,
  }),
  acts('VIDIOC_STREAMON', int, 'vidioc_streamon', { byValue: true, flags: PRIO | BLOCKS }),
  acts('VIDIOC_STREAMOFF', int, 'vidioc_streamoff', { byValue: true, flags: PRIO | BLOCKS }),
  asks('VIDIOC_G_PARM', abi.v4l2_streamparm, ['vidioc_g_parm', 'vidioc_g_std'], {
    run: v4lGParm,
    input: 'type',
  }),
  acts('VIDIOC_S_PARM', abi.v4l2_streamparm, 'vidioc_s_parm', { run: v4lSParm, flags: PRIO }),
  asks('VIDIOC_G_STD', stdId, 'vidioc_g_std'),
  acts('VIDIOC_S_STD', stdId, 'vidioc_s_std', { run: v4lSStd, flags: PRIO }),
  asks('VIDIOC_ENUMSTD', abi.v4l2_standard, 'vidioc_s_std', { run: v4lEnumstd, input: 'index' }),
  asks('VIDIOC_ENUMINPUT', abi.v4l2_input, 'vidioc_enum_input', { run: v4lEnumInput, input: 'index' }),
  asks('VIDIOC_G_CTRL', abi.v4l2_control, 'vidioc_g_ctrl', { run: v4lGCtrl, flags: CTRL, input: 'id' }),
  acts('VIDIOC_S_CTRL', abi.v4l2_control, 'vidioc_s_ctrl', { run: v4lSCtrl, flags: PRIO | CTRL }),
  asks('VIDIOC_G_TUNER', abi.v4l2_tuner, 'vidioc_g_tuner', { input: 'index' }),
  acts('VIDIOC_S_TUNER', abi.v4l2_tuner, 'vidioc_s_tuner', { flags: PRIO }),
  asks('VIDIOC_G_AUDIO', abi.v4l2_audio, 'vidioc_g_audio'),
  acts('VIDIOC_S_AUDIO', abi.v4l2_audio, 'vidioc_s_audio', { flags: PRIO }),
  asks('VIDIOC_QUERYCTRL', abi.v4l2_queryctrl, 'vidioc_queryctrl', {
    run: v4lQueryctrl,
    flags: CTRL,
    input: 'id',
  }),
  asks('VIDIOC_QUERYMENU', abi.v4l2_querymenu, 'vidioc_querymenu', {
    run: v4lQuerymenu,
    flags: CTRL,
    input: 'index',
  }),
  asks('VIDIOC_G_INPUT', int, 'vidioc_g_input'),
  acts('VIDIOC_S_INPUT', int, 'vidioc_s_input', { byValue: true, flags: PRIO }),
  asks('VIDIOC_G_EDID', abi.v4l2_edid, 'vidioc_g_edid', { flags: ALWAYS_COPY, array: edid }),
  acts('VIDIOC_S_EDID', abi.v4l2_edid, 'vidioc_s_edid', { flags: PRIO | ALWAYS_COPY, array: edid }),
  asks('VIDIOC_G_OUTPUT', int, 'vidioc_g_output'),
  acts('VIDIOC_S_OUTPUT', int, 'vidioc_s_output', { byValue: true, flags: PRIO }),
  asks('VIDIOC_ENUMOUTPUT', abi.v4l2_output, 'vidioc_enum_output', { run: v4lEnumOutput, input: 'index' }),
  asks('VIDIOC_G_AUDOUT', abi.v4l2_audioout, 'vidioc_g_audout'),
  acts('VIDIOC_S_AUDOUT', abi.v4l2_audioout, 'vidioc_s_audout', { flags: PRIO }),
  asks('VIDIOC_G_MODULATOR', abi.v4l2_modulator, 'vidioc_g_modulator', { input: 'index' }),
  acts('VIDIOC_S_MODULATOR', abi.v4l2_modulator, 'vidioc_s_modulator', { flags: PRIO }),
  asks('VIDIOC_G_FREQUENCY', abi.v4l2_frequency, 'vidioc_g_frequency', { input: 'tuner' }),
  acts('VIDIOC_S_FREQUENCY', abi.v4l2_frequency, 'vidioc_s_frequency', { flags: PRIO }),
  asks('VIDIOC_CROPCAP', abi.v4l2_cropcap, 'vidioc_g_selection', { run: v4lCropcap, input: 'type' }),
  asks('VIDIOC_G_CROP', abi.v4l2_crop, 'vidioc_g_selection', { run: v4lGCrop, input: 'type' }),
  acts('VIDIOC_S_CROP', abi.v4l2_crop, 'vidioc_s_selection', { run: v4lSCrop, flags: PRIO }),
  asks('VIDIOC_G_JPEGCOMP', abi.v4l2_jpegcompression, 'vidioc_g_jpegcomp'),
  acts('VIDIOC_S_JPEGCOMP', abi.v4l2_jpegcompression, 'vidioc_s_jpegcomp', { flags: PRIO }),
  asks('VIDIOC_QUERYSTD', stdId, 'vidioc_querystd', { run: v4lQuerystd }),
  asks('VIDIOC_TRY_FMT', abi.v4l2_format, formatOpNames('try'), { run: v4lTryFmt }),
  asks('VIDIOC_ENUMAUDIO', abi.v4l2_audio, 'vidioc_enumaudio', { input: 'index' }),
  asks('VIDIOC_ENUMAUDOUT', abi.v4l2_audioout, 'vidioc_enumaudout', { input: 'index' }),
  asks('VIDIOC_G_PRIORITY', priority, [], { run: v4lGPriority }),
  acts('VIDIOC_S_PRIORITY', priority, [], { run: v4lSPriority, flags: PRIO }),
  asks('VIDIOC_G_SLICED_VBI_CAP', abi.v4l2_sliced_vbi_cap, 'vidioc_g_sliced_vbi_cap', { input: 'type' }),
  asks('VIDIOC_LOG_STATUS', undefined, 'vidioc_log_status', { run: v4lLogStatus }),
  asks('VIDIOC_G_EXT_CTRLS', abi.v4l2_ext_controls, 'vidioc_g_ext_ctrls', {
    run: v4lGExtCtrls,
    flags: CTRL | ALWAYS_COPY,
    array: controls,
  }),
  acts('VIDIOC_S_EXT_CTRLS', abi.v4l2_ext_controls, 'vidioc_s_ext_ctrls', {
    run: v4lSExtCtrls,
    flags: PRIO | CTRL | ALWAYS_COPY,
    array: controls,
  }),
  asks('VIDIOC_TRY_EXT_CTRLS', abi.v4l2_ext_controls, 'vidioc_try_ext_ctrls', {
    run: v4lTryExtCtrls,
    flags: CTRL | ALWAYS_COPY,
    array: controls,
  }),
  asks('VIDIOC_ENUM_FRAMESIZES', abi.v4l2_frmsizeenum, 'vidioc_enum_framesizes', { input: 'pixel_format' }),
  asks('VIDIOC_ENUM_FRAMEINTERVALS', abi.v4l2_frmivalenum, 'vidioc_enum_frameintervals', { input: 'height' }),
  acts('VIDIOC_G_ENC_INDEX', abi.v4l2_enc_idx, 'vidioc_g_enc_index'),
  acts('VIDIOC_ENCODER_CMD', abi.v4l2_encoder_cmd, 'vidioc_encoder_cmd', { flags: PRIO, input: 'flags' }),
  asks('VIDIOC_TRY_ENCODER_CMD', abi.v4l2_encoder_cmd, 'vidioc_try_encoder_cmd', { input: 'flags' }),
  acts('VIDIOC_DBG_S_REGISTER', abi.v4l2_dbg_register, 'vidioc_s_register'),
  acts('VIDIOC_DBG_G_REGISTER', abi.v4l2_dbg_register, 'vidioc_g_register'),
  acts('VIDIOC_S_HW_FREQ_SEEK', abi.v4l2_hw_freq_seek, 'vidioc_s_hw_freq_seek', { flags: PRIO }),
  acts('VIDIOC_S_DV_TIMINGS', abi.v4l2_dv_timings, 'vidioc_s_dv_timings', {
    flags: PRIO,
    input: abi.v4l2_dv_timings.offsets.bt + endOf(abi.v4l2_bt_timings, 'flags'),
  }),
  asks('VIDIOC_G_DV_TIMINGS', abi.v4l2_dv_timings, 'vidioc_g_dv_timings'),
  acts('VIDIOC_DQEVENT', abi.v4l2_event, 'vidioc_subscribe_event', {
    run: v4lDqevent,
    flags: BLOCKS,
    takeBack: v4lUndqevent,
  }),
  acts('VIDIOC_SUBSCRIBE_EVENT', abi.v4l2_event_subscription, 'vidioc_subscribe_event'),
  acts('VIDIOC_UNSUBSCRIBE_EVENT', abi.v4l2_event_subscription, 'vidioc_unsubscribe_event'),
  acts('VIDIOC_CREATE_BUFS', abi.v4l2_create_buffers, 'vidioc_create_bufs', {
    run: v4lCreateBufs,
    flags: PRIO,
  }),
  acts('VIDIOC_PREPARE_BUF', abi.v4l2_buffer, 'vidioc_prepare_buf', { run: v4lPrepareBuf, array: planes }),
  asks('VIDIOC_G_SELECTION', abi.v4l2_selection, 'vidioc_g_selection', { run: v4lGSelection, input: 'r' }),
  acts('VIDIOC_S_SELECTION', abi.v4l2_selection, 'vidioc_s_selection', {
    run: v4lSSelection,
    flags: PRIO,
    input: 'r',
  }),
  acts('VIDIOC_DECODER_CMD', abi.v4l2_decoder_cmd, 'vidioc_decoder_cmd', { flags: PRIO }),
  asks('VIDIOC_TRY_DECODER_CMD', abi.v4l2_decoder_cmd, 'vidioc_try_decoder_cmd'),
  asks('VIDIOC_ENUM_DV_TIMINGS', abi.v4l2_enum_dv_timings, 'vidioc_enum_dv_timings', { input: 'pad' }),
  asks('VIDIOC_QUERY_DV_TIMINGS', abi.v4l2_dv_timings, 'vidioc_query_dv_timings', { flags: ALWAYS_COPY }),
  asks('VIDIOC_DV_TIMINGS_CAP', abi.v4l2_dv_timings_cap, 'vidioc_dv_timings_cap', { input: 'pad' }),
  asks('VIDIOC_ENUM_FREQ_BANDS', abi.v4l2_frequency_band, 'vidioc_enum_freq_bands'),
  asks('VIDIOC_DBG_G_CHIP_INFO', abi.v4l2_dbg_chip_info, 'vidioc_g_chip_info', { input: 'match' }),
  asks('VIDIOC_QUERY_EXT_CTRL', abi.v4l2_query_ext_ctrl, 'vidioc_query_ext_ctrl', {
    run: v4lQueryExtCtrl,
    flags: CTRL,
    input: 'id',
  }),
  acts('VIDIOC_REMOVE_BUFS', abi.v4l2_remove_buffers, 'vidioc_remove_bufs', { flags: PRIO, input: 'type' }),
];

const byNumber: (IoctlInfo | undefined)[] = [];
for (const row of ioctlTable) byNumber[abi.iocNr(row.cmd)] = row;

/** The row of an ioctl, undefined if it is not one of V4L2 (or has another size or direction). */
export function ioctlInfo(cmd: number): IoctlInfo | undefined {
  const row = byNumber[abi.iocNr(cmd)];
  return row?.cmd === cmd ? row : undefined;
}

/**
 * One byte per ioctl number, 1 if a device with these ops has that ioctl: there is an op for it, or the device has a
 * control handler and that answers it.
 *
 * @kernel determine_valid_ioctls
 */
export function determineValidIoctls(ops: V4l2IoctlOps, hasCtrlHandler: boolean): Uint8Array {
  const valid = new Uint8Array(256);
  for (const row of ioctlTable) {
    const isHandled = hasCtrlHandler && (row.flags & CTRL) !== 0;
    const isThere = isHandled || row.ops.length === 0 || row.ops.some((op) => ops[op] !== undefined);
    if (isThere) valid[abi.iocNr(row.cmd)] = 1;
  }
  return valid;
}
