import {
  V4L2_CTRL_FLAG_DISABLED,
  V4L2_CTRL_FLAG_GRABBED,
  V4L2_CTRL_FLAG_INACTIVE,
  V4L2_CTRL_FLAG_VOLATILE,
  V4L2_CTRL_FLAG_WRITE_ONLY,
  V4L2_CTRL_TYPE_CTRL_CLASS,
} from '../../abi/index.ts';
import type { V4l2Ctrl } from './ctrl.ts';

const words: readonly (readonly [flag: number, word: string])[] = [
  [V4L2_CTRL_FLAG_INACTIVE, 'inactive'],
  [V4L2_CTRL_FLAG_GRABBED, 'grabbed'],
  [V4L2_CTRL_FLAG_VOLATILE, 'volatile'],
];

/** A control in a line of the log; nothing for what has no value to tell. @kernel log_ctrl */
export function logLine(ctrl: V4l2Ctrl): string | undefined {
  const isMute = (ctrl.flags & (V4L2_CTRL_FLAG_DISABLED | V4L2_CTRL_FLAG_WRITE_ONLY)) !== 0;
  if (isMute || ctrl.type === V4L2_CTRL_TYPE_CTRL_CLASS) return undefined;
  const flags = words.filter(([flag]) => (ctrl.flags & flag) !== 0).map(([, word]) => ` ${word}`);
  return `${ctrl.name}: ${ctrl.typeOps.log(ctrl)}${flags.join('')}`;
}
