/** Tuners, modulators and RDS. */
import { array, chars, packed, s32, struct, u8, u32, type ViewOf } from './layout.ts';

// `type`.
export const V4L2_TUNER_RADIO = 1;
export const V4L2_TUNER_ANALOG_TV = 2;
export const V4L2_TUNER_DIGITAL_TV = 3;
export const V4L2_TUNER_SDR = 4;
export const V4L2_TUNER_RF = 5;
export const V4L2_TUNER_ADC = V4L2_TUNER_SDR;

// `capability`.
export const V4L2_TUNER_CAP_LOW = 0x0001;
export const V4L2_TUNER_CAP_NORM = 0x0002;
export const V4L2_TUNER_CAP_HWSEEK_BOUNDED = 0x0004;
export const V4L2_TUNER_CAP_HWSEEK_WRAP = 0x0008;
export const V4L2_TUNER_CAP_STEREO = 0x0010;
export const V4L2_TUNER_CAP_LANG2 = 0x0020;
export const V4L2_TUNER_CAP_SAP = 0x0020;
export const V4L2_TUNER_CAP_LANG1 = 0x0040;
export const V4L2_TUNER_CAP_RDS = 0x0080;
export const V4L2_TUNER_CAP_RDS_BLOCK_IO = 0x0100;
export const V4L2_TUNER_CAP_RDS_CONTROLS = 0x0200;
export const V4L2_TUNER_CAP_FREQ_BANDS = 0x0400;
export const V4L2_TUNER_CAP_HWSEEK_PROG_LIM = 0x0800;
export const V4L2_TUNER_CAP_1HZ = 0x1000;

// `rxsubchans` and `txsubchans`.
export const V4L2_TUNER_SUB_MONO = 0x0001;
export const V4L2_TUNER_SUB_STEREO = 0x0002;
export const V4L2_TUNER_SUB_LANG2 = 0x0004;
export const V4L2_TUNER_SUB_SAP = 0x0004;
export const V4L2_TUNER_SUB_LANG1 = 0x0008;
export const V4L2_TUNER_SUB_RDS = 0x0010;

// `audmode`.
export const V4L2_TUNER_MODE_MONO = 0x0000;
export const V4L2_TUNER_MODE_STEREO = 0x0001;
export const V4L2_TUNER_MODE_LANG2 = 0x0002;
export const V4L2_TUNER_MODE_SAP = 0x0002;
export const V4L2_TUNER_MODE_LANG1 = 0x0003;
export const V4L2_TUNER_MODE_LANG1_LANG2 = 0x0004;

// `v4l2_frequency_band.modulation`.
export const V4L2_BAND_MODULATION_VSB = 1 << 1;
export const V4L2_BAND_MODULATION_FM = 1 << 2;
export const V4L2_BAND_MODULATION_AM = 1 << 3;

// `v4l2_rds_data.block`.
export const V4L2_RDS_BLOCK_MSK = 0x7;
export const V4L2_RDS_BLOCK_A = 0;
export const V4L2_RDS_BLOCK_B = 1;
export const V4L2_RDS_BLOCK_C = 2;
export const V4L2_RDS_BLOCK_D = 3;
export const V4L2_RDS_BLOCK_C_ALT = 4;
export const V4L2_RDS_BLOCK_INVALID = 7;
export const V4L2_RDS_BLOCK_CORRECTED = 0x40;
export const V4L2_RDS_BLOCK_ERROR = 0x80;

export const v4l2_tuner = struct('v4l2_tuner', {
  index: u32,
  name: chars(32),
  type: u32,
  capability: u32,
  rangelow: u32,
  rangehigh: u32,
  rxsubchans: u32,
  audmode: u32,
  signal: s32,
  afc: s32,
  reserved: array(u32, 4),
});
export type v4l2_tuner = ViewOf<typeof v4l2_tuner.fields>;

export const v4l2_modulator = struct('v4l2_modulator', {
  index: u32,
  name: chars(32),
  capability: u32,
  rangelow: u32,
  rangehigh: u32,
  txsubchans: u32,
  type: u32,
  reserved: array(u32, 3),
});
export type v4l2_modulator = ViewOf<typeof v4l2_modulator.fields>;

export const v4l2_frequency = struct('v4l2_frequency', {
  tuner: u32,
  type: u32,
  frequency: u32,
  reserved: array(u32, 8),
});
export type v4l2_frequency = ViewOf<typeof v4l2_frequency.fields>;

export const v4l2_frequency_band = struct('v4l2_frequency_band', {
  tuner: u32,
  type: u32,
  index: u32,
  capability: u32,
  rangelow: u32,
  rangehigh: u32,
  modulation: u32,
  reserved: array(u32, 9),
});
export type v4l2_frequency_band = ViewOf<typeof v4l2_frequency_band.fields>;

export const v4l2_hw_freq_seek = struct('v4l2_hw_freq_seek', {
  tuner: u32,
  type: u32,
  seek_upward: u32,
  wrap_around: u32,
  spacing: u32,
  rangelow: u32,
  rangehigh: u32,
  reserved: array(u32, 5),
});
export type v4l2_hw_freq_seek = ViewOf<typeof v4l2_hw_freq_seek.fields>;

export const v4l2_rds_data = packed('v4l2_rds_data', {
  lsb: u8,
  msb: u8,
  block: u8,
});
export type v4l2_rds_data = ViewOf<typeof v4l2_rds_data.fields>;
