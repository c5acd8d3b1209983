/** The header's macros that compute: what a buffer type, a field order or a control id belongs to. */
import {
  V4L2_BUF_TYPE_META_OUTPUT,
  V4L2_BUF_TYPE_SDR_OUTPUT,
  V4L2_BUF_TYPE_SLICED_VBI_OUTPUT,
  V4L2_BUF_TYPE_VBI_OUTPUT,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
  V4L2_BUF_TYPE_VIDEO_OUTPUT,
  V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE,
  V4L2_BUF_TYPE_VIDEO_OUTPUT_OVERLAY,
  V4L2_FIELD_ALTERNATE,
  V4L2_FIELD_BOTTOM,
  V4L2_FIELD_INTERLACED,
  V4L2_FIELD_INTERLACED_BT,
  V4L2_FIELD_INTERLACED_TB,
  V4L2_FIELD_SEQ_BT,
  V4L2_FIELD_SEQ_TB,
  V4L2_FIELD_TOP,
} from './buffers.ts';

export function V4L2_TYPE_IS_VALID(type: number): boolean {
  return type >= V4L2_BUF_TYPE_VIDEO_CAPTURE && type <= V4L2_BUF_TYPE_META_OUTPUT;
}

export function V4L2_TYPE_IS_MULTIPLANAR(type: number): boolean {
  return type === V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE || type === V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE;
}

/** True for types whose data goes to the device. An overlay carries none: newer headers took it off this list. */
export function V4L2_TYPE_IS_OUTPUT(type: number): boolean {
  switch (type) {
    case V4L2_BUF_TYPE_VIDEO_OUTPUT:
    case V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE:
    case V4L2_BUF_TYPE_VIDEO_OUTPUT_OVERLAY:
    case V4L2_BUF_TYPE_VBI_OUTPUT:
    case V4L2_BUF_TYPE_SLICED_VBI_OUTPUT:
    case V4L2_BUF_TYPE_SDR_OUTPUT:
    case V4L2_BUF_TYPE_META_OUTPUT:
      return true;
    default:
      return false;
  }
}

export function V4L2_TYPE_IS_CAPTURE(type: number): boolean {
  return V4L2_TYPE_IS_VALID(type) && !V4L2_TYPE_IS_OUTPUT(type);
}

/** Two fields that follow each other in one buffer. */
export function V4L2_FIELD_IS_SEQUENTIAL(field: number): boolean {
  return field === V4L2_FIELD_SEQ_TB || field === V4L2_FIELD_SEQ_BT;
}

/** Two fields whose lines alternate in one buffer. */
export function V4L2_FIELD_IS_INTERLACED(field: number): boolean {
  return (
    field === V4L2_FIELD_INTERLACED ||
    field === V4L2_FIELD_INTERLACED_TB ||
    field === V4L2_FIELD_INTERLACED_BT
  );
}

/** Both fields are in one buffer. */
export function V4L2_FIELD_HAS_BOTH(field: number): boolean {
  return V4L2_FIELD_IS_INTERLACED(field) || V4L2_FIELD_IS_SEQUENTIAL(field);
}

export function V4L2_FIELD_HAS_TOP(field: number): boolean {
  return field === V4L2_FIELD_TOP || V4L2_FIELD_HAS_BOTH(field);
}

export function V4L2_FIELD_HAS_BOTTOM(field: number): boolean {
  return field === V4L2_FIELD_BOTTOM || V4L2_FIELD_HAS_BOTH(field);
}

/** Each buffer holds a single field. */
export function V4L2_FIELD_HAS_T_OR_B(field: number): boolean {
  return field === V4L2_FIELD_TOP || field === V4L2_FIELD_BOTTOM || field === V4L2_FIELD_ALTERNATE;
}

const CLASS_MASK = 0x0fff0000;

/** The class of a control id. */
export function V4L2_CTRL_ID2CLASS(id: number): number {
  return id & CLASS_MASK;
}

/** The same, as a value of `v4l2_ext_controls.which`. */
export function V4L2_CTRL_ID2WHICH(id: number): number {
  return id & CLASS_MASK;
}

/** Ids from 0x1000 of each class on belong to single drivers, which may use the same one differently. */
export function V4L2_CTRL_DRIVER_PRIV(id: number): boolean {
  return (id & 0xffff) >= 0x1000;
}
