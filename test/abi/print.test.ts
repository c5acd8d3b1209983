import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  formatView,
  media_entity_desc,
  media_links_enum,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
  V4L2_EVENT_EOS,
  V4L2_FRMSIZE_TYPE_STEPWISE,
  V4L2_MEMORY_DMABUF,
  V4L2_MEMORY_MMAP,
  V4L2_PIX_FMT_YUYV,
  v4l2_buffer,
  v4l2_control,
  v4l2_event,
  v4l2_ext_control,
  v4l2_format,
  v4l2_frmsizeenum,
  v4l2_plane,
  v4l2_requestbuffers,
} from '../../src/abi/index.ts';
import { LAYOUTS } from './declared.ts';

describe('formatView', () => {
  test('lists the fields in header order and leaves out cleared reserves', () => {
    const view = v4l2_requestbuffers.make();
    view.count = 4;
    view.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    view.memory = V4L2_MEMORY_MMAP;
    assert.equal(formatView(view), '{count=4, type=1, memory=1, capabilities=0x0, flags=0x0}');
  });

  test('shows a reserve that is not cleared', () => {
    const view = v4l2_requestbuffers.make();
    view.reserved.set(0, 7);
    assert.match(formatView(view), /reserved=\[7, 0 × 2\]/);
  });

  test('tells addresses from counts of the same name', () => {
    const links = media_links_enum.make();
    links.pads = 0x7f00;
    const entity = media_entity_desc.make();
    entity.pads = 2;
    assert.equal(formatView(links), '{entity=0, pads=0x7f00, links=0x0}');
    assert.match(formatView(entity), / pads=2, links=0, dev=\{major=0, minor=0\}\}$/);
  });

  test('shows the place of a buffer that its memory type makes valid', () => {
    const view = v4l2_buffer.make();
    view.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    view.memory = V4L2_MEMORY_MMAP;
    view.m.offset = 0x1000;
    assert.match(formatView(view), /memory=1, m=\{offset=0x1000\}/);
    view.memory = V4L2_MEMORY_DMABUF;
    view.m.fd = -1;
    assert.match(formatView(view), /memory=4, m=\{fd=-1\}/);
    view.type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
    view.m.planes = 0x7ffd1230;
    assert.match(formatView(view), /m=\{planes=0x7ffd1230\}/);
  });

  test('shows all members of a union when nothing tells which one counts', () => {
    assert.match(formatView(v4l2_plane.make()), /m=\{mem_offset=0x0, userptr=0x0, fd=0\}/);
  });

  test('shows a format by its buffer type, the pixel format as text', () => {
    const view = v4l2_format.make();
    view.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    view.fmt.pix.width = 640;
    view.fmt.pix.pixelformat = V4L2_PIX_FMT_YUYV;
    assert.match(formatView(view), /^\{type=1, fmt=\{pix=\{width=640, height=0, pixelformat='YUYV',/);
  });

  test('shows the member of an unnamed union that the type tells', () => {
    const size = v4l2_frmsizeenum.make();
    size.type = V4L2_FRMSIZE_TYPE_STEPWISE;
    size.stepwise.max_width = 1920;
    assert.match(formatView(size), /type=3, stepwise=\{min_width=0, max_width=1920,/);
    const control = v4l2_ext_control.make();
    control.value64 = -5n;
    assert.match(formatView(control), /size=0, value64=-5\}$/);
    control.value64 = 0n;
    control.value = -5;
    assert.match(formatView(control), /size=0, value=-5, value64=4294967291\}$/, 'one of 32 bits, perhaps');
    control.size = 8;
    control.ptr = 0xabc;
    assert.match(formatView(control), /size=8, ptr=0xabc\}$/);
  });

  test('shows the bare data of an event that has none of its own', () => {
    const view = v4l2_event.make();
    view.type = V4L2_EVENT_EOS;
    assert.match(formatView(view), /u=\{data=\[0 × 64\]\}/);
  });

  test('shows a negative control value with its sign', () => {
    const view = v4l2_control.make();
    view.id = 0x980900;
    view.value = -3;
    assert.equal(formatView(view), '{id=0x980900, value=-3}');
  });

  test('prints every struct, whatever its bytes', () => {
    for (const layout of LAYOUTS.values()) {
      for (const byte of [0, 1, 0xff]) {
        const text = formatView(layout.at(new Uint8Array(layout.size).fill(byte)));
        assert.match(text, /^\{.+\}$/, layout.name);
        assert.doesNotMatch(text, /undefined|NaN|\[object/, layout.name);
      }
    }
  });
});
