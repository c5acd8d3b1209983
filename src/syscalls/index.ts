/**
 * The door, as others see it. `Door` and what it is made from serve programs; the rest is for who starts them: what the
 * launcher is told and tells, and whether a filter can be installed.
 */
export { Door, type DoorConfig } from './door.ts';
export { prepareNetwork } from './files/loopback-pair.ts';
export {
  type Addressee,
  type CommandNews,
  type LauncherMessage,
  type LauncherRequest,
  type LaunchOrder,
  lineReader,
} from './launch/launch-protocol.ts';
export { makeShadowRoot } from './names/shadow-root.ts';
export { ShadowTree } from './names/shadow-tree.ts';
export { FdRange, reservedRange } from './wire/filter.ts';
export { DEVICES_VARIABLE, tryInstall } from './wire/install.ts';
