/** Standard controls of the codec class: streams, audio, and what all video encoders have. */
import * as abi from '../../../abi/index.ts';
import {
  BITMASK,
  BOOLEAN,
  BUTTON,
  CTRL_CLASS,
  EXECUTE,
  INTEGER,
  INTEGER64,
  menu,
  READ_ONLY,
  row,
  type StdCtrl,
  UPDATE,
  VOLATILE,
} from './row.ts';

const kbps = (...rates: readonly number[]): readonly string[] => rates.map((rate) => `${rate} kbps`);

const streamType = [
  'MPEG-2 Program Stream',
  'MPEG-2 Transport Stream',
  'MPEG-1 System Stream',
  'MPEG-2 DVD-compatible Stream',
  'MPEG-1 VCD-compatible Stream',
  'MPEG-2 SVCD-compatible Stream',
];
const vbiFormat = ['No VBI', 'Private Packet, IVTV Format'];
const samplingFrequency = ['44.1 kHz', '48 kHz', '32 kHz'];
const audioEncoding = ['MPEG-1/2 Layer I', 'MPEG-1/2 Layer II', 'MPEG-1/2 Layer III', 'MPEG-2/4 AAC', 'AC-3'];
const layer1Bitrate = kbps(32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448);
const layer2Bitrate = kbps(32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384);
const layer3Bitrate = kbps(32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320);
const ac3Bitrate = kbps(
  32,
  40,
  48,
  56,
  64,
  80,
  96,
  112,
  128,
  160,
  192,
  224,
  256,
  320,
  384,
  448,
  512,
  576,
  640,
);
const stereoMode = ['Stereo', 'Joint Stereo', 'Dual', 'Mono'];
const stereoModeExtension = ['Bound 4', 'Bound 8', 'Bound 12', 'Bound 16'];
const emphasis = ['No Emphasis', '50/15 us', 'CCITT J17'];
const crc = ['No CRC', '16-bit CRC'];
const playback = ['Auto', 'Stereo', 'Left', 'Right', 'Mono', 'Swapped Stereo'];
const videoEncoding = ['MPEG-1', 'MPEG-2', 'MPEG-4 AVC'];
const aspect = ['1x1', '4x3', '16x9', '2.21x1'];
const bitrateMode = ['Variable Bitrate', 'Constant Bitrate', 'Constant Quality'];
const refreshPeriodType = ['Random', 'Cyclic'];
const headerMode = ['Separate Buffer', 'Joined With 1st Frame'];
const frameSkip = ['Disabled', 'Level Limit', 'VBV/CPB Limit'];
const multiSlice = ['Single', 'Max Macroblocks', 'Max Bytes'];

export const codecControls: readonly StdCtrl[] = [
  row(abi.V4L2_CID_CODEC_CLASS, 'Codec Controls', CTRL_CLASS),
  menu(abi.V4L2_CID_MPEG_STREAM_TYPE, 'Stream Type', streamType, UPDATE),
  row(abi.V4L2_CID_MPEG_STREAM_PID_PMT, 'Stream PMT Program ID'),
  row(abi.V4L2_CID_MPEG_STREAM_PID_AUDIO, 'Stream Audio Program ID'),
  row(abi.V4L2_CID_MPEG_STREAM_PID_VIDEO, 'Stream Video Program ID'),
  row(abi.V4L2_CID_MPEG_STREAM_PID_PCR, 'Stream PCR Program ID'),
  row(abi.V4L2_CID_MPEG_STREAM_PES_ID_AUDIO, 'Stream PES Audio ID'),
  row(abi.V4L2_CID_MPEG_STREAM_PES_ID_VIDEO, 'Stream PES Video ID'),
  menu(abi.V4L2_CID_MPEG_STREAM_VBI_FMT, 'Stream VBI Format', vbiFormat),
  menu(abi.V4L2_CID_MPEG_AUDIO_SAMPLING_FREQ, 'Audio Sampling Frequency', samplingFrequency),
  menu(abi.V4L2_CID_MPEG_AUDIO_ENCODING, 'Audio Encoding', audioEncoding, UPDATE),
  menu(abi.V4L2_CID_MPEG_AUDIO_L1_BITRATE, 'Audio Layer I Bitrate', layer1Bitrate),
  menu(abi.V4L2_CID_MPEG_AUDIO_L2_BITRATE, 'Audio Layer II Bitrate', layer2Bitrate),
  menu(abi.V4L2_CID_MPEG_AUDIO_L3_BITRATE, 'Audio Layer III Bitrate', layer3Bitrate),
  menu(abi.V4L2_CID_MPEG_AUDIO_MODE, 'Audio Stereo Mode', stereoMode, UPDATE),
  menu(abi.V4L2_CID_MPEG_AUDIO_MODE_EXTENSION, 'Audio Stereo Mode Extension', stereoModeExtension),
  menu(abi.V4L2_CID_MPEG_AUDIO_EMPHASIS, 'Audio Emphasis', emphasis),
  menu(abi.V4L2_CID_MPEG_AUDIO_CRC, 'Audio CRC', crc),
  row(abi.V4L2_CID_MPEG_AUDIO_MUTE, 'Audio Mute', BOOLEAN),
  row(abi.V4L2_CID_MPEG_AUDIO_AAC_BITRATE, 'Audio AAC Bitrate'),
  menu(abi.V4L2_CID_MPEG_AUDIO_AC3_BITRATE, 'Audio AC-3 Bitrate', ac3Bitrate),
  menu(abi.V4L2_CID_MPEG_AUDIO_DEC_PLAYBACK, 'Audio Playback', playback),
  menu(abi.V4L2_CID_MPEG_AUDIO_DEC_MULTILINGUAL_PLAYBACK, 'Audio Multilingual Playback', playback),
  menu(abi.V4L2_CID_MPEG_VIDEO_ENCODING, 'Video Encoding', videoEncoding),
  menu(abi.V4L2_CID_MPEG_VIDEO_ASPECT, 'Video Aspect', aspect),
  row(abi.V4L2_CID_MPEG_VIDEO_B_FRAMES, 'Video B Frames', INTEGER, UPDATE),
  row(abi.V4L2_CID_MPEG_VIDEO_GOP_SIZE, 'Video GOP Size'),
  row(abi.V4L2_CID_MPEG_VIDEO_GOP_CLOSURE, 'Video GOP Closure', BOOLEAN),
  row(abi.V4L2_CID_MPEG_VIDEO_PULLDOWN, 'Video Pulldown', BOOLEAN),
  menu(abi.V4L2_CID_MPEG_VIDEO_BITRATE_MODE, 'Video Bitrate Mode', bitrateMode, UPDATE),
  row(abi.V4L2_CID_MPEG_VIDEO_CONSTANT_QUALITY, 'Constant Quality'),
  row(abi.V4L2_CID_MPEG_VIDEO_BITRATE, 'Video Bitrate'),
  row(abi.V4L2_CID_MPEG_VIDEO_BITRATE_PEAK, 'Video Peak Bitrate'),
  row(abi.V4L2_CID_MPEG_VIDEO_TEMPORAL_DECIMATION, 'Video Temporal Decimation'),
  row(abi.V4L2_CID_MPEG_VIDEO_MUTE, 'Video Mute', BOOLEAN),
  row(abi.V4L2_CID_MPEG_VIDEO_MUTE_YUV, 'Video Mute YUV'),
  row(abi.V4L2_CID_MPEG_VIDEO_DECODER_SLICE_INTERFACE, 'Decoder Slice Interface', BOOLEAN),
  row(abi.V4L2_CID_MPEG_VIDEO_DECODER_MPEG4_DEBLOCK_FILTER, 'MPEG4 Loop Filter Enable', BOOLEAN),
  row(abi.V4L2_CID_MPEG_VIDEO_CYCLIC_INTRA_REFRESH_MB, 'Number of Intra Refresh MBs'),
  menu(abi.V4L2_CID_MPEG_VIDEO_INTRA_REFRESH_PERIOD_TYPE, 'Intra Refresh Period Type', refreshPeriodType),
  row(abi.V4L2_CID_MPEG_VIDEO_INTRA_REFRESH_PERIOD, 'Intra Refresh Period'),
  row(abi.V4L2_CID_MPEG_VIDEO_FRAME_RC_ENABLE, 'Frame Level Rate Control Enable', BOOLEAN),
  row(abi.V4L2_CID_MPEG_VIDEO_MB_RC_ENABLE, 'H264 MB Level Rate Control', BOOLEAN),
  menu(abi.V4L2_CID_MPEG_VIDEO_HEADER_MODE, 'Sequence Header Mode', headerMode),
  row(abi.V4L2_CID_MPEG_VIDEO_MAX_REF_PIC, 'Max Number of Reference Pics'),
  menu(abi.V4L2_CID_MPEG_VIDEO_FRAME_SKIP_MODE, 'Frame Skip Mode', frameSkip),
  row(abi.V4L2_CID_MPEG_VIDEO_DEC_DISPLAY_DELAY, 'Display Delay'),
  row(abi.V4L2_CID_MPEG_VIDEO_DEC_DISPLAY_DELAY_ENABLE, 'Display Delay Enable', BOOLEAN),
  row(abi.V4L2_CID_MPEG_VIDEO_AU_DELIMITER, 'Generate Access Unit Delimiters', BOOLEAN),
  row(abi.V4L2_CID_MPEG_VIDEO_MULTI_SLICE_MAX_BYTES, 'Maximum Bytes in a Slice'),
  row(abi.V4L2_CID_MPEG_VIDEO_MULTI_SLICE_MAX_MB, 'Number of MBs in a Slice'),
  menu(abi.V4L2_CID_MPEG_VIDEO_MULTI_SLICE_MODE, 'Slice Partitioning Method', multiSlice),
  row(abi.V4L2_CID_MPEG_VIDEO_VBV_SIZE, 'VBV Buffer Size'),
  row(abi.V4L2_CID_MPEG_VIDEO_DEC_PTS, 'Video Decoder PTS', INTEGER64, VOLATILE | READ_ONLY, {
    limits: { min: 0, max: 0x1_ffff_ffffn, step: 1, def: 0 },
  }),
  row(abi.V4L2_CID_MPEG_VIDEO_DEC_FRAME, 'Video Decoder Frame Count', INTEGER64, VOLATILE | READ_ONLY, {
    limits: { min: 0, max: 0x7fff_ffff_ffff_ffffn, step: 1, def: 0 },
  }),
  row(abi.V4L2_CID_MPEG_VIDEO_DEC_CONCEAL_COLOR, 'Video Decoder Conceal Color', INTEGER64, 0, {
    limits: { min: 0, max: 0xffff_ffff_ffffn, step: 1, def: 0x80_0080_0010n },
  }),
  row(abi.V4L2_CID_MPEG_VIDEO_VBV_DELAY, 'Initial Delay for VBV Control'),
  row(abi.V4L2_CID_MPEG_VIDEO_MV_H_SEARCH_RANGE, 'Horizontal MV Search Range'),
  row(abi.V4L2_CID_MPEG_VIDEO_MV_V_SEARCH_RANGE, 'Vertical MV Search Range'),
  row(abi.V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER, 'Repeat Sequence Header', BOOLEAN),
  row(abi.V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME, 'Force Key Frame', BUTTON),
  row(abi.V4L2_CID_MPEG_VIDEO_BASELAYER_PRIORITY_ID, 'Base Layer Priority ID'),
  row(abi.V4L2_CID_MPEG_VIDEO_LTR_COUNT, 'LTR Count'),
  row(abi.V4L2_CID_MPEG_VIDEO_FRAME_LTR_INDEX, 'Frame LTR Index', INTEGER, EXECUTE),
  row(abi.V4L2_CID_MPEG_VIDEO_USE_LTR_FRAMES, 'Use LTR Frames', BITMASK, EXECUTE),
  row(abi.V4L2_CID_MPEG_VIDEO_AVERAGE_QP, 'Average QP Value', INTEGER, READ_ONLY),
  row(abi.V4L2_CID_MPEG_VIDEO_REF_NUMBER_FOR_PFRAMES, 'Reference Frames for a P-Frame'),
  row(abi.V4L2_CID_MPEG_VIDEO_PREPEND_SPSPPS_TO_IDR, 'Prepend SPS and PPS to IDR'),
];
