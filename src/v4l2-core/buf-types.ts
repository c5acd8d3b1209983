/** Buffer types and the names that ops have for them. */
import {
  V4L2_BUF_TYPE_META_CAPTURE,
  V4L2_BUF_TYPE_META_OUTPUT,
  V4L2_BUF_TYPE_SDR_CAPTURE,
  V4L2_BUF_TYPE_SDR_OUTPUT,
  V4L2_BUF_TYPE_SLICED_VBI_CAPTURE,
  V4L2_BUF_TYPE_SLICED_VBI_OUTPUT,
  V4L2_BUF_TYPE_VBI_CAPTURE,
  V4L2_BUF_TYPE_VBI_OUTPUT,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
  V4L2_BUF_TYPE_VIDEO_OUTPUT,
  V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE,
  V4L2_BUF_TYPE_VIDEO_OUTPUT_OVERLAY,
  V4L2_BUF_TYPE_VIDEO_OVERLAY,
} from '../abi/index.ts';
import type { BufTypeSuffix, EnumFmtSuffix, V4l2IoctlOps } from './ioctl/ops/index.ts';

const suffixes: Readonly<Record<number, BufTypeSuffix>> = {
  [V4L2_BUF_TYPE_VIDEO_CAPTURE]: 'vid_cap',
  [V4L2_BUF_TYPE_VIDEO_OUTPUT]: 'vid_out',
  [V4L2_BUF_TYPE_VIDEO_OVERLAY]: 'vid_overlay',
  [V4L2_BUF_TYPE_VBI_CAPTURE]: 'vbi_cap',
  [V4L2_BUF_TYPE_VBI_OUTPUT]: 'vbi_out',
  [V4L2_BUF_TYPE_SLICED_VBI_CAPTURE]: 'sliced_vbi_cap',
  [V4L2_BUF_TYPE_SLICED_VBI_OUTPUT]: 'sliced_vbi_out',
  [V4L2_BUF_TYPE_VIDEO_OUTPUT_OVERLAY]: 'vid_out_overlay',
  [V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE]: 'vid_cap_mplane',
  [V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE]: 'vid_out_mplane',
  [V4L2_BUF_TYPE_SDR_CAPTURE]: 'sdr_cap',
  [V4L2_BUF_TYPE_SDR_OUTPUT]: 'sdr_out',
  [V4L2_BUF_TYPE_META_CAPTURE]: 'meta_cap',
  [V4L2_BUF_TYPE_META_OUTPUT]: 'meta_out',
};

/** All suffixes that a format op can have. */
export const bufTypeSuffixes: readonly BufTypeSuffix[] = Object.values(suffixes);

/** What the ops are called that get, set and try a format. */
export interface FormatOps {
  readonly g: `vidioc_g_fmt_${BufTypeSuffix}`;
  readonly s: `vidioc_s_fmt_${BufTypeSuffix}`;
  readonly try: `vidioc_try_fmt_${BufTypeSuffix}`;
}

/** Made once: to put a name together for each call is dearer than the call. */
const formatOpsByType: readonly (FormatOps | undefined)[] = Array.from({ length: 32 }, (_, type) => {
  const suffix = suffixes[type];
  return (
    suffix && { g: `vidioc_g_fmt_${suffix}`, s: `vidioc_s_fmt_${suffix}`, try: `vidioc_try_fmt_${suffix}` }
  );
});

/** The format ops for a type, undefined if there is no such type. */
export function formatOps(type: number): FormatOps | undefined {
  return formatOpsByType[type];
}

const enumSuffixes: Readonly<Record<number, EnumFmtSuffix>> = {
  [V4L2_BUF_TYPE_VIDEO_CAPTURE]: 'vid_cap',
  [V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE]: 'vid_cap',
  [V4L2_BUF_TYPE_VIDEO_OUTPUT]: 'vid_out',
  [V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE]: 'vid_out',
  [V4L2_BUF_TYPE_VIDEO_OVERLAY]: 'vid_overlay',
  [V4L2_BUF_TYPE_SDR_CAPTURE]: 'sdr_cap',
  [V4L2_BUF_TYPE_SDR_OUTPUT]: 'sdr_out',
  [V4L2_BUF_TYPE_META_CAPTURE]: 'meta_cap',
  [V4L2_BUF_TYPE_META_OUTPUT]: 'meta_out',
};

export const enumFmtSuffixes: readonly EnumFmtSuffix[] = [...new Set(Object.values(enumSuffixes))];

export function enumFmtSuffix(type: number): EnumFmtSuffix | undefined {
  return enumSuffixes[type];
}

/** Types that also stand for what has only the multi-planar ops. */
const SINGLE_OF: Readonly<Partial<Record<BufTypeSuffix, number>>> = {
  vid_cap_mplane: V4L2_BUF_TYPE_VIDEO_CAPTURE,
  vid_out_mplane: V4L2_BUF_TYPE_VIDEO_OUTPUT,
};

/** The types that ioctls of a driver with these ops may name, as bits `1 << type`. @kernel check_fmt */
export function bufTypesOf(ops: V4l2IoctlOps): number {
  let types = 0;
  for (const [key, suffix] of Object.entries(suffixes)) {
    if (ops[`vidioc_g_fmt_${suffix}`] === undefined) continue;
    const type = Number(key);
    types |= (1 << type) | (1 << (SINGLE_OF[suffix] ?? type));
  }
  return types;
}

/** Types whose format is a `v4l2_pix_format`. */
export function hasPixFormat(type: number): boolean {
  return type === V4L2_BUF_TYPE_VIDEO_CAPTURE || type === V4L2_BUF_TYPE_VIDEO_OUTPUT;
}
