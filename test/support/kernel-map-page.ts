/** `docs/kernel-map.md`: which function of the kernel is where here, from the `@kernel` tags of the sources. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface Counterpart {
  readonly kernel: string;
  /** `Vb2Queue.release`, or the name of a file if the tag is at its head. */
  readonly here: string;
  readonly file: string;
}

const COMMENT = /\/\*\*([\s\S]*?)\*\/\n?([^\n]*)/g;
const TAG = /@kernel ([^\n*@]+)/g;
const DECLARED =
  /^\s*(?:export |default |async |static |abstract |readonly |get |set )*(?:function |class |interface |type |const |enum )?(#?[A-Za-z_$][\w$]*)/;
const SCOPE =
  /^export (?:abstract )?(?:class|interface) (\w+)|^(?:class|interface) (\w+)|^(?:export )?const (\w+)[^=]* = \{/gm;

/** The class, interface or table that the text at `at` is in, for what is indented. */
function scopeOf(text: string, at: number): string | undefined {
  let scope: string | undefined;
  for (const match of text.slice(0, at).matchAll(SCOPE)) scope = match[1] ?? match[2] ?? match[3];
  return scope;
}

function nameOf(text: string, line: string, at: number, file: string): string {
  const [, name] = DECLARED.exec(line) ?? [];
  if (name === undefined || name === 'import') return file;
  if (!/^\s/.test(line)) return name;
  const scope = scopeOf(text, at);
  return scope === undefined ? name : `${scope}.${name}`;
}

function counterpartsIn(file: string): readonly Counterpart[] {
  const text = readFileSync(join(root, 'src', file), 'utf8');
  const found: Counterpart[] = [];
  for (const match of text.matchAll(COMMENT)) {
    const [, comment = '', line = ''] = match;
    // What follows a colon explains.
    for (const [, names = ''] of comment.matchAll(TAG))
      for (const kernel of (names.split(':', 1)[0] as string).trim().split(/[\s,]+/))
        found.push({ kernel, here: nameOf(text, line, match.index, file), file });
  }
  return found;
}

/** All of them, in the order of the kernel's names. */
export function counterparts(): readonly Counterpart[] {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const found = files.filter((file) => file.endsWith('.ts')).flatMap(counterpartsIn);
  const key = ({ kernel, file }: Counterpart) => `${kernel.replace(/^_+/, '')} ${kernel} ${file}`;
  return found.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

interface Document {
  readonly title: string;
  /** The functions that it shows or speaks of, without those of the kernel at large (lists, locks, strings). */
  readonly functions: readonly string[];
}

export const documents: readonly Document[] = [
  {
    title: 'The first videobuf2 and its review (2010)',
    functions: [
      ...[
        '__buffers_in_use',
        '__enqueue_in_driver',
        '__fill_v4l2_buffer',
        '__fill_vb2_buffer',
        '__qbuf_mmap',
      ],
      ...[
        '__qbuf_userptr',
        '__vb2_get_done_vb',
        '__vb2_queue_alloc',
        '__vb2_queue_cancel',
        '__vb2_queue_free',
      ],
      ...['__vb2_wait_for_done_vb', '__verify_mmap_ops', '__verify_planes_array', '__verify_userptr_ops'],
      ...['queue_negotiate', 'vb2_buffer_done', 'vb2_dqbuf', 'vb2_is_streaming', 'vb2_plane_paddr'],
      ...['vb2_plane_vaddr', 'vb2_qbuf', 'vb2_reqbufs', 'vb2_streamoff', 'vb2_streamon'],
    ],
  },
  {
    title: 'The videobuf framework (2.6.33)',
    functions: [
      ...['videobuf_queue_ops', 'videobuf_queue_sg_init', 'videobuf_queue_vmalloc_init'],
      ...['videobuf_queue_dma_contig_init', 'videobuf_iolock', 'videobuf_waiton', 'videobuf_dma_unmap'],
      ...['videobuf_dma_free', 'videobuf_vmalloc_free', 'videobuf_dma_contig_free', 'videobuf_read_one'],
      ...['videobuf_read_stream', 'videobuf_poll_stream', 'videobuf_mmap_mapper', 'videobuf_stop'],
      ...['videobuf_mmap_free', 'videobuf_reqbufs', 'videobuf_querybuf', 'videobuf_qbuf', 'videobuf_dqbuf'],
      ...['videobuf_streamon', 'videobuf_streamoff', 'videobuf_to_dma', 'videobuf_to_vmalloc'],
      'videobuf_to_dma_contig',
    ],
  },
  {
    title: 'vivi, from open() to the frame',
    functions: [
      ...['__setup_offsets', '__vb2_buf_mem_alloc', '__vb2_get_done_vb', '__vb2_queue_alloc'],
      ...['__verify_planes_array', '__video_do_ioctl', 'frames_to_ms', 'v4l2_device_register', 'v4l2_fh_add'],
      ...['v4l2_fh_init', 'v4l2_fh_open', 'v4l2_is_known_ioctl', 'v4l2_prio_check', 'v4l_bound_align_image'],
      ...['v4l_print_ioctl', 'vb2_get_drv_priv', 'vb2_mmap', 'vb2_poll', 'vb2_querybuf', 'vb2_queue_init'],
      ...[
        'vb2_vmalloc_alloc',
        'video_devdata',
        'video_device_alloc',
        'video_device_node_name',
        'video_drvdata',
      ],
      ...['video_ioctl2', 'video_register_device', 'video_set_drvdata', 'video_usercopy'],
      ...['vivi_create_instance', 'vivi_fillbuff', 'vivi_init', 'vivi_mmap', 'vivi_poll', 'vivi_sleep'],
      ...['vivi_start_generating', 'vivi_thread', 'vivi_thread_tick'],
    ],
  },
];

/** What became of functions of the documents that have no counterpart of their own. */
export const without: Readonly<Record<string, string>> = {
  __buffers_in_use:
    'memory that is mapped outlives its buffer, so freeing need not be refused: `Pages` counts who has it',
  __fill_vb2_buffer: '`fillUserBuffer` of `Vb2BufOps`, which checks first: see `vb2_fill_vb2_v4l2_buffer`',
  __qbuf_mmap: 'one line of `acquire()` in `videobuf2/core/acquire.ts`: there is nothing to acquire',
  __qbuf_userptr: 'see `__prepare_userptr`, its later name',
  __enqueue_in_driver: '`q.ops.bufQueue`, called in one place: see `vb2_core_streamon` and `vb2_core_qbuf`',
  __setup_offsets:
    'offsets are given when a plane is allocated, and a plane is found by its offset: see `vb2_core_reqbufs`',
  __vb2_buf_mem_alloc: 'part of allocating buffers: see `vb2_core_reqbufs`',
  __vb2_queue_alloc: 'see `vb2_core_reqbufs`: to allocate, and to say how many, is one step',
  __vb2_wait_for_done_vb:
    '`coreDqbuf` says WOULD_BLOCK after `caller.sleep()`, and is called again: see `vb2_core_dqbuf`',
  __verify_mmap_ops: 'a back end that lacks an operation has no such memory: see `vb2_verify_memory_type`',
  __verify_userptr_ops: 'a back end that lacks an operation has no such memory: see `vb2_verify_memory_type`',
  __video_do_ioctl: 'see `video_ioctl2`: the table is looked up and the handler called in one function',
  frames_to_ms: 'a `FrameSchedule` has the exact time of each frame, and nothing is rounded to milliseconds',
  queue_negotiate: '`Vb2Ops.queueSetup`, as the kernel named it later',
  v4l2_device_register: 'what nodes of one device share is given to each: `VideoDeviceConfig.prio`',
  v4l2_fh_add: 'the constructor of `V4l2Fh`: a handle that does not take part is never seen',
  v4l2_fh_init: 'the constructor of `V4l2Fh`',
  v4l2_is_known_ioctl: 'a number without a row in the table is unknown: see `video_ioctl2`',
  v4l_print_ioctl: 'see `v4l_printk_ioctl`, its later name',
  vb2_dqbuf: 'the V4L2 face, `vb2Dqbuf`, over `coreDqbuf`: see `vb2_ioctl_dqbuf`',
  vb2_get_drv_priv: '`q.drvPriv`, which has a type',
  vb2_plane_paddr:
    'see `vb2_plane_cookie`, its later name: an address, a scatter list, or what a back end agrees on',
  vb2_poll: 'see `vb2_fop_poll` and `vb2_core_poll`',
  vb2_qbuf: 'the V4L2 face, `vb2Qbuf`, over `coreQbuf`: see `vb2_ioctl_qbuf`',
  vb2_reqbufs: 'the V4L2 face, `vb2Reqbufs`, over `coreReqbufs`: see `vb2_ioctl_reqbufs`',
  vb2_streamoff: 'see `vb2_ioctl_streamoff`',
  vb2_streamon: 'see `vb2_ioctl_streamon`',
  vb2_vmalloc_alloc: 'an operation of `vmallocMemOps`: see `vb2_vmalloc_memops`',
  video_devdata: '`fh.vdev`',
  video_device_alloc: '`new VideoDevice()`',
  video_device_node_name: '`vdev.name`',
  video_drvdata: '`fh.vdev.drvdata`, which has a type',
  video_set_drvdata: '`VideoDeviceConfig.drvdata`',
  vivi_create_instance: '`create` of `viviDriver`: a driver is a module',
  vivi_init: '`--camera vivi` once for each instance, by the registry of drivers',
  vivi_mmap: 'see `vb2_fop_mmap`, as later vivis had it',
  vivi_poll: 'see `vb2_fop_poll`, as later vivis had it',
  vivi_sleep: 'a `Timer` of the clock: nothing sleeps',
  vivi_start_generating: '`CaptureReader.startStreaming`, which starts the `FrameClock`',
  vivi_thread: 'a `FrameClock`: there is no thread',
};

const HEAD = `# The kernel, and here

Generated (\`npm run docs\`) from the \`@kernel\` tags in the sources: at each function, type or constant that has a counterpart
in Linux the tag names it. The operations of drivers (\`vidioc_…\`) have the kernel's names and are left out.
`;

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const link = (file: string) => `[${file}](../src/${file})`;

export function kernelMapPage(): string {
  const all = counterparts();
  const known = new Set(all.map(({ kernel }) => kernel));
  const rows = all
    .filter(({ kernel }) => !kernel.startsWith('vidioc_'))
    .map(({ kernel, here, file }) => row([`\`${kernel}\``, `\`${here}\``, link(file)]));
  const chapters = documents.map(({ title, functions }) => {
    const missing = functions.filter((name) => !known.has(name));
    const lines = missing.map((name) => row([`\`${name}\``, without[name] ?? '**not explained**']));
    const count = `${functions.length - missing.length} of its ${functions.length} functions are in the table above.`;
    const table = lines.length === 0 ? '' : `\n\n| the others | |\n|---|---|\n${lines.join('\n')}`;
    return `## ${title}\n\n${count}${table}\n`;
  });
  return [HEAD, '| kernel | here | in |', '|---|---|---|', ...rows, '', ...chapters].join('\n');
}
