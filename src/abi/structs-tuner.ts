/** Tuners, modulators, frequencies, RDS. */
import { array, chars, packed, s32, struct, u8, u32, type ViewOf } from './layout.ts';

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
