/** The table of standard controls: names, types, flags and menus as every program knows them, of Linux 6.12. */
import { cameraControls } from './camera.ts';
import { codecControls } from './codec.ts';
import { codecFormatControls } from './codec-formats.ts';
import { deviceControls } from './device.ts';
import { radioControls } from './radio.ts';
import type { StdCtrl } from './row.ts';
import { statelessControls } from './stateless.ts';
import { userControls } from './user.ts';

export type { StdCtrl } from './row.ts';

export const stdCtrls: readonly StdCtrl[] = [
  ...userControls,
  ...codecControls,
  ...codecFormatControls,
  ...cameraControls,
  ...radioControls,
  ...deviceControls,
  ...statelessControls,
];

const byId: ReadonlyMap<number, StdCtrl> = new Map(stdCtrls.map((std) => [std.id, std]));

/** @kernel v4l2_ctrl_get_name v4l2_ctrl_get_menu v4l2_ctrl_get_int_menu */
export function stdCtrl(id: number): StdCtrl | undefined {
  return byId.get(id);
}

/** It is a menu, and its items are the same on every device. */
export function isStandardMenu({ qmenu, qmenuInt }: StdCtrl): boolean {
  return qmenu !== undefined || qmenuInt !== undefined;
}
