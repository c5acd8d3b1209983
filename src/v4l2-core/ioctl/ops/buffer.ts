import type {
  v4l2_buffer,
  v4l2_create_buffers,
  v4l2_exportbuffer,
  v4l2_plane,
  v4l2_remove_buffers,
  v4l2_requestbuffers,
} from '../../../abi/index.ts';
import type { ArrayIoctlOp, BlockingIoctlOp, IoctlOp } from './op.ts';

/**
 * The buffers of a stream. `vb2IoctlOps` has all of these for a driver with a queue of videobuf2, `fhQueueIoctlOps` and
 * `v4l2M2mIoctlOps` for drivers with more than one: they are written by hand only around those, to do something before
 * or after, or for another framework.
 *
 * For all: the core has checked that there is a format for the type; for a multi-planar type `planes` are the `length`
 * descriptions that the program's array has (0 to 8). EBUSY for an open file that does not own the queue, and while
 * read() or write() uses it; EINVAL for a type that the queue is not of.
 */
export interface BufferOps<D, F> {
  /**
   * Frees the buffers there are, stops what is queued, and makes `count` new ones (0: none, and nobody owns the queue) of
   * `memory`; sets `count` to how many there are, and `capabilities` and `flags`. EINVAL for memory that the queue does
   * not do, EBUSY while streaming, ENOMEM when there is not enough for the least that the driver needs.
   *
   * @kernel vidioc_reqbufs
   */
  vidioc_reqbufs?: IoctlOp<D, F, v4l2_requestbuffers>;

  /**
   * Adds up to `count` buffers that hold a frame of `format` to those there are, also while streaming; sets `index` to
   * the first and `count` to how many. With `count` 0 it only says whether that would be possible. EINVAL for another
   * memory than the buffers have and for a format whose frames do not fit, ENOBUFS when no more are allowed, ENOMEM.
   *
   * @kernel vidioc_create_bufs
   */
  vidioc_create_bufs?: IoctlOp<D, F, v4l2_create_buffers>;

  /**
   * Tells all about buffer `index`, whoever owns it: state, payload (bytes), where to map it. EINVAL if it is not
   * there.
   *
   * @kernel vidioc_querybuf
   */
  vidioc_querybuf?: ArrayIoctlOp<D, F, v4l2_buffer, v4l2_plane>;

  /**
   * Does the part of QBUF that takes time: gets the memory that the program names, lets the driver check the buffer.
   * EINVAL for a buffer that is queued or prepared already, EFAULT for memory that is out of reach.
   *
   * @kernel vidioc_prepare_buf
   */
  vidioc_prepare_buf?: ArrayIoctlOp<D, F, v4l2_buffer, v4l2_plane>;

  /**
   * The program gives a buffer: empty for capture, with a frame of `bytesused` bytes for output. EINVAL for a buffer that
   * is queued already, EIO for a queue that has failed, EBADR for a request if there are none, and what starting the
   * stream fails with if STREAMON has waited for this buffer; the program then still has it.
   *
   * @kernel vidioc_qbuf
   */
  vidioc_qbuf?: ArrayIoctlOp<D, F, v4l2_buffer, v4l2_plane>;

  /**
   * The program takes the buffer that was done first, or waits: WOULD_BLOCK, after `caller.sleep()` and before anything
   * has changed; the call is made again from the start when the queue wakes. EAGAIN instead with O_NONBLOCK. EINVAL
   * while streaming is off, EIO for a queue that has failed, EPIPE after the last frame of a stream.
   *
   * @kernel vidioc_dqbuf
   */
  vidioc_dqbuf?: BlockingIoctlOp<D, F, v4l2_buffer, v4l2_plane>;

  /**
   * Gives the program a descriptor, in `fd`, of plane `plane` of MMAP buffer `index`, which other devices can import;
   * `flags` are O_CLOEXEC and an access mode. ENOTTY with memory that cannot be exported.
   *
   * @kernel vidioc_expbuf
   */
  vidioc_expbuf?: IoctlOp<D, F, v4l2_exportbuffer>;

  /**
   * Frees buffers `index` … `index + count - 1`. EBUSY if one is queued, EINVAL if one is not there.
   *
   * @kernel vidioc_remove_bufs
   */
  vidioc_remove_bufs?: IoctlOp<D, F, v4l2_remove_buffers>;

  /**
   * Streaming of this type is on from now; nothing happens if it was. EINVAL without buffers, and what starting
   * fails with.
   *
   * @kernel vidioc_streamon
   */
  vidioc_streamon?: IoctlOp<D, F, number>;

  /** Streaming is off; every buffer is the program's again, whatever its state. @kernel vidioc_streamoff */
  vidioc_streamoff?: IoctlOp<D, F, number>;
}
