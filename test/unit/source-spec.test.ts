import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSource, SourceSpecError, sourceName } from '../../src/sources/index.ts';

const film = { kind: 'film', options: [], isLive: false };

test('parseSource understands what people write', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['film.mp4', { ...film, input: 'film.mp4', file: 'film.mp4' }],
    ['./a:b.mkv', { ...film, input: './a:b.mkv', file: './a:b.mkv' }],
    ['film:photo.png', { ...film, input: 'photo.png', file: 'photo.png' }],
    ['http://host/a.mp4', { ...film, input: 'http://host/a.mp4' }],
    ['rtsp://host/1', { ...film, input: 'rtsp://host/1', isLive: true }],
    [
      '/dev/video3',
      { ...film, input: '/dev/video3', file: '/dev/video3', options: ['-f', 'v4l2'], isLive: true },
    ],
    ['photo.JPG', { kind: 'still', path: 'photo.JPG' }],
    ['still:x', { kind: 'still', path: 'x' }],
    ['qr:https://example.org/?a=b', { kind: 'qr', text: 'https://example.org/?a=b' }],
    ['pattern:bars-100', { kind: 'pattern', name: 'bars-100' }],
    ['./paint.ts', { kind: 'script', path: './paint.ts' }],
    ['paint.mjs', { kind: 'script', path: 'paint.mjs' }],
    ['y4m:/tmp/f', { ...film, input: '/tmp/f', options: ['-f', 'yuv4mpegpipe'], file: '/tmp/f' }],
    [
      'raw:nv12:320x240@15:/tmp/f',
      {
        ...film,
        input: '/tmp/f',
        file: '/tmp/f',
        options: ['-f', 'rawvideo', '-pixel_format', 'nv12', '-video_size', '320x240', '-framerate', '15'],
      },
    ],
    ['screen:', { ...film, input: '', options: ['-f', 'x11grab', '-framerate', '30'], isLive: true }],
    ['lavfi:testsrc2=size=640x480', { ...film, input: 'testsrc2=size=640x480', options: ['-f', 'lavfi'] }],
  ];
  for (const [text, spec] of cases) assert.deepEqual(parseSource(text), spec, text);
});

test('parseSource says in a sentence what is wrong, and the mend', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['bars', /"bars" is no file by its name: write pattern:bars/],
    ['film', /"film" is no file by its name: write \.\/film/],
    ['pattern:nosuch', /no pattern "nosuch": choose one of bars, /],
    ['qr:', /says nothing after the colon: write it as qr:Hello/],
    ['qrcode:Hi', /no kind of source "qrcode": choose one of pattern, qr, /],
    ['raw:/tmp/f', /does not say what the bytes are: write it as raw:yuyv422:640x480@30:\/tmp\/frames/],
  ];
  for (const [text, message] of cases)
    assert.throws(
      () => parseSource(text),
      (error: Error) => error instanceof SourceSpecError && message.test(error.message),
      text,
    );
});

test('sourceName is what somebody has written, or near', () => {
  for (const text of ['film.mp4', 'qr:Hello', 'pattern:bars', 'photo.png'])
    assert.equal(sourceName(parseSource(text)), text);
});
