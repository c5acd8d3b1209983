import { V4L2_CTRL_FLAG_INACTIVE, V4L2_CTRL_FLAG_UPDATE, V4L2_CTRL_FLAG_VOLATILE } from '../../abi/index.ts';
import { driverBug } from '../../base/bug.ts';
import { isCurManual } from './apply.ts';
import type { V4l2Ctrl } from './ctrl.ts';

/** The master is there; others may be left out. */
export type Cluster<D = unknown> = readonly [V4l2Ctrl<D>, ...(V4l2Ctrl<D> | undefined)[]];

/**
 * From now on these controls are tried and set together: the ops of the first one, the master, are called once for all. For
 * what only makes sense at once, such as width and height, or red and blue balance.
 *
 * @kernel v4l2_ctrl_cluster
 */
export function v4l2CtrlCluster<D>(controls: Cluster<D>): void {
  const [master] = controls;
  for (const ctrl of controls) {
    if (ctrl === undefined) continue;
    ctrl.cluster = controls;
    if (ctrl.flags & V4L2_CTRL_FLAG_VOLATILE) master.hasVolatiles = true;
  }
}

/**
 * A cluster whose master (autogain) decides who sets the others (gain): the driver by itself, or the program when the master
 * has the value `manual`. While it is automatic the others are INACTIVE, and with `setVolatile` VOLATILE: what is read is
 * what the driver says then, and what is written is kept but not set. When it turns manual, the values of that moment stay,
 * unless they are set too.
 *
 * @kernel v4l2_ctrl_auto_cluster
 */
export function v4l2CtrlAutoCluster<D>(controls: Cluster<D>, manual: number, setVolatile: boolean): void {
  const [master, ...others] = controls;
  v4l2CtrlCluster(controls);
  if (others.length === 0) driverBug(`the automatic cluster of ${master.name} has nobody but itself`);
  if (manual < master.minimum || manual > master.maximum)
    driverBug(`${master.name} has no value ${manual}, which is to mean manual`);
  if (setVolatile && master.ops?.gVolatileCtrl === undefined)
    driverBug(`${master.name} has volatile controls and no gVolatileCtrl to say what they are`);
  master.isAuto = true;
  master.hasVolatiles = setVolatile;
  master.manualModeValue = manual;
  master.flags |= V4L2_CTRL_FLAG_UPDATE;
  if (isCurManual(master)) return;
  const flags = V4L2_CTRL_FLAG_INACTIVE | (setVolatile ? V4L2_CTRL_FLAG_VOLATILE : 0);
  for (const ctrl of others) if (ctrl !== undefined) ctrl.flags |= flags;
}
