/**
 * Controls: what a program can set about a picture or a device, and is told about.
 *
 * A driver makes a {@link V4l2CtrlHandler} and fills it with controls: `newStd` for those that every program knows by
 * name, `newCustom` for its own. It says what happens when one is set with {@link V4l2CtrlOps}, and may tie controls together
 * that only make sense at once (`v4l2CtrlCluster`, `v4l2CtrlAutoCluster`). Ranges, rounding, menus, payloads, lists, flags and
 * events are the framework's: an op sees only values that are possible.
 *
 * While it works the driver reads `ctrl.cur.val`, and changes what programs see with `v4l2CtrlGrab`, `v4l2CtrlActivate`,
 * `v4l2CtrlModifyRange`, `v4l2CtrlSCtrl` …. With `...ctrlEventOps` among its ioctl ops programs can wait for changes.
 */

export {
  v4l2CtrlActivate,
  v4l2CtrlGCtrl,
  v4l2CtrlGCtrlInt64,
  v4l2CtrlGrab,
  v4l2CtrlModifyDimensions,
  v4l2CtrlModifyRange,
  v4l2CtrlSCtrl,
  v4l2CtrlSCtrlCompound,
  v4l2CtrlSCtrlInt64,
  v4l2CtrlSCtrlString,
} from './change.ts';
export { type Cluster, v4l2CtrlAutoCluster, v4l2CtrlCluster } from './cluster.ts';
export type { CtrlNumber, V4l2CtrlConfig, V4l2CtrlOps, V4l2CtrlTypeOps } from './config.ts';
export type { V4l2Ctrl } from './ctrl.ts';
export { type StdCtrl, stdCtrl, stdCtrls } from './defs/index.ts';
export { v4l2CtrlSubscribeEvent } from './events.ts';
export { v4l2GExtCtrls, v4l2SExtCtrls, v4l2TryExtCtrls } from './ext.ts';
export { ctrlHandlerOf } from './find.ts';
export { V4l2CtrlHandler } from './handler.ts';
export { ctrlEventOps, v4l2CtrlLogStatus } from './ioctl-ops.ts';
export type { CtrlPayload } from './payload.ts';
export { v4l2GCtrl, v4l2SCtrl } from './plain.ts';
export { v4l2Queryctrl, v4l2QueryExtCtrl, v4l2Querymenu } from './query.ts';
export { v4l2CtrlTypeOps } from './type-ops.ts';
