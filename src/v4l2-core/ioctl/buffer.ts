/**
 * The ioctls of buffers: what the core checks before the queue of the driver does its work. What that returns is passed on
 * where the queue may have to wait for another thread.
 */
import {
  type v4l2_buffer,
  v4l2_create_buffers,
  type v4l2_plane,
  v4l2_requestbuffers,
} from '../../abi/index.ts';
import type { Caller, File } from '../../vfs/file.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';
import { checkFmt, markExtended, sanitizeFormat } from './format.ts';
import { endOf } from './row.ts';

type Planes = readonly v4l2_plane[];

export function v4lReqbufs(file: File, fh: V4l2Fh, req: v4l2_requestbuffers, caller: Caller): unknown {
  checkFmt(fh, req.type);
  req.$bytes.fill(0, endOf(v4l2_requestbuffers, 'flags'));
  return fh.vdev.ioctlOps.vidioc_reqbufs?.(file, fh, req, caller);
}

export function v4lCreateBufs(file: File, fh: V4l2Fh, create: v4l2_create_buffers, caller: Caller): void {
  checkFmt(fh, create.format.type);
  create.$bytes.fill(0, endOf(v4l2_create_buffers, 'flags'));
  sanitizeFormat(create.format);
  fh.vdev.ioctlOps.vidioc_create_bufs?.(file, fh, create, caller);
  markExtended(create.format);
}

export function v4lQuerybuf(
  file: File,
  fh: V4l2Fh,
  b: v4l2_buffer,
  caller: Caller,
  planes?: Planes,
): unknown {
  checkFmt(fh, b.type);
  return fh.vdev.ioctlOps.vidioc_querybuf?.(file, fh, b, caller, planes);
}

export function v4lPrepareBuf(file: File, fh: V4l2Fh, b: v4l2_buffer, caller: Caller, planes?: Planes): void {
  checkFmt(fh, b.type);
  fh.vdev.ioctlOps.vidioc_prepare_buf?.(file, fh, b, caller, planes);
}

export function v4lQbuf(file: File, fh: V4l2Fh, b: v4l2_buffer, caller: Caller, planes?: Planes): unknown {
  checkFmt(fh, b.type);
  return fh.vdev.ioctlOps.vidioc_qbuf?.(file, fh, b, caller, planes);
}

export function v4lDqbuf(
  file: File,
  fh: V4l2Fh,
  b: v4l2_buffer,
  caller: Caller,
  planes?: Planes,
): number | undefined {
  checkFmt(fh, b.type);
  return fh.vdev.ioctlOps.vidioc_dqbuf?.(file, fh, b, caller, planes);
}
