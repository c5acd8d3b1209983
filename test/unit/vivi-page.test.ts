/** docs/vivi.md: what it names is there, and nothing of the old driver is missing. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const page = read('docs/vivi.md');

/** Each `src/…` of the page with a name that stands behind it, in the same row or paragraph. */
function* named(): Generator<readonly [file: string, name: string]> {
  for (const block of page.split(/\n\n|\n(?=\|)/)) {
    let file: string | undefined;
    for (const [, words = ''] of block.matchAll(/`([^`]+)`/g)) {
      if (words.startsWith('src/') && words.includes('.')) file = words;
      else if (file !== undefined && /^\w+$/.test(words)) yield [file, words];
    }
  }
}

test('docs/vivi.md names files, functions and classes that are there', () => {
  const all = [...named()];
  assert.ok(all.length > 40, `only ${all.length}`);
  for (const [file, name] of all) {
    assert.ok(existsSync(new URL(file, root)), file);
    const declared = new RegExp(`\\b(function|class|const|interface|get) ${name}\\b|^ +${name}[(:]`, 'm');
    assert.match(read(file), declared, `${file} has no ${name}`);
  }
});

/** The functions and tables of vivi that its walk-throughs go through. */
const functions = [
  ...['vivi_init', 'vivi_exit', 'vivi_create_instance', 'vivi_template', 'vivi_fops', 'vivi_ioctl_ops'],
  ...['vivi_video_qops', 'vivi_dev', 'vivi_dmaqueue', 'vivi_buffer', 'vivi_fmt', 'formats', 'get_format'],
  ...['vidioc_querycap', 'vidioc_enum_fmt_vid_cap', 'vidioc_g_fmt_vid_cap', 'vidioc_try_fmt_vid_cap'],
  ...['vidioc_s_fmt_vid_cap', 'vidioc_reqbufs', 'vidioc_querybuf', 'vidioc_qbuf', 'vidioc_dqbuf'],
  ...['vidioc_streamon', 'vidioc_streamoff', 'vidioc_log_status', 'vidioc_enum_input', 'vidioc_g_input'],
  ...['vidioc_s_input', 'vidioc_s_std', 'queue_setup', 'buffer_init', 'buffer_prepare', 'buffer_finish'],
  ...['buffer_cleanup', 'buffer_queue', 'start_streaming', 'stop_streaming', 'vivi_lock', 'vivi_unlock'],
  ...['vivi_start_generating', 'vivi_stop_generating', 'vivi_thread', 'vivi_sleep', 'vivi_thread_tick'],
  ...['vivi_fillbuff', 'precalculate_bars', 'precalculate_line', 'gen_twopix', 'gen_text', 'vivi_read'],
  ...['vivi_poll', 'vivi_mmap', 'vivi_close', 'vivi_s_ctrl', 'vivi_g_volatile_ctrl'],
];

test('docs/vivi.md goes through every function of the old driver', () => {
  for (const name of functions) assert.ok(page.includes(`\`${name}\``), name);
});

test('docs/vivi.md shows every picture', () => {
  const shown = [...page.matchAll(/\]\((pictures\/[\w-]+\.png)\)/g)].map((match) => match[1] as string);
  for (const picture of shown) assert.ok(existsSync(new URL(`docs/${picture}`, root)), picture);
  assert.equal(new Set(shown).size, 15);
});
