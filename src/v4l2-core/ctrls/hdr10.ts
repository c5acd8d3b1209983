/** The bounds that the standards set to the description of a mastering display. */
import {
  V4L2_HDR10_MASTERING_MAX_LUMA_HIGH,
  V4L2_HDR10_MASTERING_MAX_LUMA_LOW,
  V4L2_HDR10_MASTERING_MIN_LUMA_HIGH,
  V4L2_HDR10_MASTERING_MIN_LUMA_LOW,
  V4L2_HDR10_MASTERING_PRIMARIES_X_HIGH,
  V4L2_HDR10_MASTERING_PRIMARIES_X_LOW,
  V4L2_HDR10_MASTERING_PRIMARIES_Y_HIGH,
  V4L2_HDR10_MASTERING_PRIMARIES_Y_LOW,
  V4L2_HDR10_MASTERING_WHITE_POINT_X_HIGH,
  V4L2_HDR10_MASTERING_WHITE_POINT_X_LOW,
  V4L2_HDR10_MASTERING_WHITE_POINT_Y_HIGH,
  V4L2_HDR10_MASTERING_WHITE_POINT_Y_LOW,
  type v4l2_ctrl_hdr10_mastering_display,
} from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';

function checkBounds(what: string, value: number, low: number, high: number): void {
  if (value < low || value > high)
    throw new Errno(EINVAL, `${what} of a mastering display is ${low} … ${high}, not ${value}`);
}

const PRIMARIES = 3;

export function checkMasteringDisplay(display: v4l2_ctrl_hdr10_mastering_display): void {
  for (let i = 0; i < PRIMARIES; i++) {
    checkBounds(
      `primary ${i} (x)`,
      display.display_primaries_x.get(i),
      V4L2_HDR10_MASTERING_PRIMARIES_X_LOW,
      V4L2_HDR10_MASTERING_PRIMARIES_X_HIGH,
    );
    checkBounds(
      `primary ${i} (y)`,
      display.display_primaries_y.get(i),
      V4L2_HDR10_MASTERING_PRIMARIES_Y_LOW,
      V4L2_HDR10_MASTERING_PRIMARIES_Y_HIGH,
    );
  }
  checkBounds(
    'the white point (x)',
    display.white_point_x,
    V4L2_HDR10_MASTERING_WHITE_POINT_X_LOW,
    V4L2_HDR10_MASTERING_WHITE_POINT_X_HIGH,
  );
  checkBounds(
    'the white point (y)',
    display.white_point_y,
    V4L2_HDR10_MASTERING_WHITE_POINT_Y_LOW,
    V4L2_HDR10_MASTERING_WHITE_POINT_Y_HIGH,
  );
  const { max_display_mastering_luminance: most, min_display_mastering_luminance: least } = display;
  checkBounds(
    'the greatest luminance',
    most,
    V4L2_HDR10_MASTERING_MAX_LUMA_LOW,
    V4L2_HDR10_MASTERING_MAX_LUMA_HIGH,
  );
  checkBounds(
    'the least luminance',
    least,
    V4L2_HDR10_MASTERING_MIN_LUMA_LOW,
    V4L2_HDR10_MASTERING_MIN_LUMA_HIGH,
  );
  // The only pair of bounds that meet.
  if (most === V4L2_HDR10_MASTERING_MAX_LUMA_LOW && least === V4L2_HDR10_MASTERING_MIN_LUMA_HIGH)
    throw new Errno(EINVAL, 'the least luminance of a mastering display is below the greatest');
}
