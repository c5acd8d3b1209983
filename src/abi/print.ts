/** Debug print of a view: `{index=0, type=1, m={offset=0x1000}}`. For traces, not for the frame path. */
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
  V4L2_MEMORY_DMABUF,
  V4L2_MEMORY_MMAP,
  V4L2_MEMORY_USERPTR,
  V4L2_TYPE_IS_MULTIPLANAR,
  V4L2_TYPE_IS_OUTPUT,
} from './buffer.ts';
import { V4L2_DEC_CMD_START, V4L2_DEC_CMD_STOP } from './codec.ts';
import { V4L2_CTRL_TYPE_INTEGER64 } from './control.ts';
import {
  V4L2_EVENT_CTRL,
  V4L2_EVENT_FRAME_SYNC,
  V4L2_EVENT_MOTION_DET,
  V4L2_EVENT_SOURCE_CHANGE,
  V4L2_EVENT_VSYNC,
} from './event.ts';
import { V4L2_FRMIVAL_TYPE_DISCRETE, V4L2_FRMSIZE_TYPE_DISCRETE } from './format.ts';
import type { ArrayView, Fields, FieldType, Layout, StructView } from './layout.ts';
import { fourccToString } from './pixel/fourcc.ts';

type Outer = Readonly<Record<string, number>>;

const FORMAT_MEMBER: Readonly<Record<number, string>> = {
  [V4L2_BUF_TYPE_VIDEO_CAPTURE]: 'pix',
  [V4L2_BUF_TYPE_VIDEO_OUTPUT]: 'pix',
  [V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE]: 'pix_mp',
  [V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE]: 'pix_mp',
  [V4L2_BUF_TYPE_VIDEO_OVERLAY]: 'win',
  [V4L2_BUF_TYPE_VIDEO_OUTPUT_OVERLAY]: 'win',
  [V4L2_BUF_TYPE_VBI_CAPTURE]: 'vbi',
  [V4L2_BUF_TYPE_VBI_OUTPUT]: 'vbi',
  [V4L2_BUF_TYPE_SLICED_VBI_CAPTURE]: 'sliced',
  [V4L2_BUF_TYPE_SLICED_VBI_OUTPUT]: 'sliced',
  [V4L2_BUF_TYPE_SDR_CAPTURE]: 'sdr',
  [V4L2_BUF_TYPE_SDR_OUTPUT]: 'sdr',
  [V4L2_BUF_TYPE_META_CAPTURE]: 'meta',
  [V4L2_BUF_TYPE_META_OUTPUT]: 'meta',
};

const EVENT_MEMBER: Readonly<Record<number, string>> = {
  [V4L2_EVENT_VSYNC]: 'vsync',
  [V4L2_EVENT_CTRL]: 'ctrl',
  [V4L2_EVENT_FRAME_SYNC]: 'frame_sync',
  [V4L2_EVENT_SOURCE_CHANGE]: 'src_change',
  [V4L2_EVENT_MOTION_DET]: 'motion_det',
};

const MEMORY_MEMBER: Readonly<Record<number, string>> = {
  [V4L2_MEMORY_MMAP]: 'offset',
  [V4L2_MEMORY_USERPTR]: 'userptr',
  [V4L2_MEMORY_DMABUF]: 'fd',
};

const DECODER_MEMBER: Readonly<Record<number, string>> = {
  [V4L2_DEC_CMD_START]: 'start',
  [V4L2_DEC_CMD_STOP]: 'stop',
};

/**
 * Which member of a union counts, told by the struct around it. A union without a name of its own goes by
 * its first member. Where there is no rule a named union is shown whole, another one by its first member.
 */
const COUNTS: Readonly<Record<string, (outer: Outer) => string | undefined>> = {
  'v4l2_format.fmt': ({ type }) => FORMAT_MEMBER[type!] ?? 'raw_data',
  'v4l2_streamparm.parm': ({ type }) => (V4L2_TYPE_IS_OUTPUT(type!) ? 'output' : 'capture'),
  'v4l2_event.u': ({ type }) => EVENT_MEMBER[type!] ?? 'data',
  'v4l2_buffer.m': ({ type, memory }) =>
    V4L2_TYPE_IS_MULTIPLANAR(type!) ? 'planes' : MEMORY_MEMBER[memory!],
  'v4l2_frmsizeenum.discrete': ({ type }) => (type === V4L2_FRMSIZE_TYPE_DISCRETE ? 'discrete' : 'stepwise'),
  'v4l2_frmivalenum.discrete': ({ type }) => (type === V4L2_FRMIVAL_TYPE_DISCRETE ? 'discrete' : 'stepwise'),
  'v4l2_ext_control.value': ({ size }) => (size === 0 ? 'value64' : 'ptr'),
  'v4l2_event_ctrl.value': ({ type }) => (type === V4L2_CTRL_TYPE_INTEGER64 ? 'value64' : 'value'),
  'v4l2_decoder_cmd.stop': ({ cmd }) => DECODER_MEMBER[cmd!] ?? 'raw',
};

const hex = (value: number | bigint) => `0x${value.toString(16)}`;

/** Fields that are not read as decimal numbers, in all structs or in one. */
const STYLE: Readonly<Record<string, (value: number) => string>> = {
  pixelformat: quotedFourcc,
  pixel_format: quotedFourcc,
  dataformat: quotedFourcc,
  flags: hex,
  capabilities: hex,
  device_caps: hex,
  capability: hex,
  status: hex,
  changes: hex,
  id: hex,
  which: hex,
  ctrl_class: hex,
  std: hex,
  standards: hex,
  mem_offset: hex,
  offset: hex,
  userptr: hex,
  planes: hex,
  controls: hex,
  ptr: hex,
  base: hex,
  clips: hex,
  bitmap: hex,
  edid: hex,
  function: hex,
  intf_type: hex,
  ptr_entities: hex,
  ptr_interfaces: hex,
  ptr_pads: hex,
  ptr_links: hex,
  // In other structs these are counts.
  'media_links_enum.pads': hex,
  'media_links_enum.links': hex,
};

function quotedFourcc(format: number): string {
  return `'${fourccToString(format)}'`;
}

function isLayout(type: FieldType<unknown>): type is Layout<Fields> {
  return 'offsets' in type;
}

function isUnion(layout: Layout<Fields>): boolean {
  const offsets = Object.values(layout.offsets);
  return offsets.length > 1 && offsets.every((offset) => offset === 0);
}

/** `a, b, 0 × 14`: equal values at the end are told once. */
function formatList(list: ArrayView<unknown>): string {
  const items = Array.from({ length: list.length }, (_, index) => formatValue('', list.get(index)));
  const last = items.at(-1);
  const run = items.length - items.findLastIndex((item) => item !== last) - 1;
  if (run > 1) items.splice(items.length - run, run, `${last} × ${run}`);
  return `[${items.join(', ')}]`;
}

function formatValue(field: string, value: unknown): string {
  if (typeof value === 'number') return STYLE[field]?.(value) ?? String(value);
  if (typeof value === 'bigint' && STYLE[field] === hex) return hex(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) {
    return '$layout' in value ? formatView(value as StructView) : formatList(value as ArrayView<unknown>);
  }
  return String(value);
}

/** Reserved fields are only worth a word if somebody forgot to clear them. */
function isClearReserve(view: StructView, field: string): boolean {
  if (!field.startsWith('reserved')) return false;
  const { offsets, fields } = view.$layout;
  const declared = fields[field]!;
  const { size } = 'over' in declared ? declared.type : declared;
  const start = offsets[field]!;
  return view.$bytes.subarray(start, start + size).every((byte) => byte === 0);
}

function formatField(view: StructView, field: string): string {
  const values = view as unknown as Readonly<Record<string, unknown>>;
  const declared = view.$layout.fields[field]!;
  const counts = COUNTS[`${view.$layout.name}.${field}`]?.(values as Outer);
  const type = 'over' in declared ? declared.type : declared;
  if (isLayout(type) && isUnion(type)) {
    const union = values[field] as Readonly<Record<string, unknown>>;
    const members = counts === undefined ? Object.keys(type.fields) : [counts];
    return `${field}={${members.map((member) => `${member}=${formatValue(member, union[member])}`).join(', ')}}`;
  }
  const shown = counts ?? field;
  const lower = shown === 'value64' && view.$layout.name === 'v4l2_ext_control' ? lowerHalf(values) : '';
  return `${lower}${formatMember(view, shown, values[shown])}`;
}

function formatMember(view: StructView, member: string, value: unknown): string {
  const own = `${view.$layout.name}.${member}`;
  return `${member}=${formatValue(own in STYLE ? own : member, value)}`;
}

/** How many bits of a value count only its control knows: where that matters both numbers are told. */
function lowerHalf({ value, value64 }: Readonly<Record<string, unknown>>): string {
  return BigInt(value as number) === value64 ? '' : `value=${value}, `;
}

/** The fields of a view in header order; of a union only the member that counts. */
export function formatView(view: StructView): string {
  const shown = Object.entries(view.$layout.fields)
    .filter(([field, declared]) => !('over' in declared) && !isClearReserve(view, field))
    .map(([field]) => formatField(view, field));
  return `{${shown.join(', ')}}`;
}
