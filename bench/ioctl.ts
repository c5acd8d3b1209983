/**
 * The round trip of one ioctl (VIDIOC_G_FMT) through the door, beside the floor: the same trap answered by a
 * minimal supervisor in C (floor.c). Medians of medians, in turns. The goal is a ratio of at most 1.3.
 *
 *     node dist/bench/ioctl.js
 */
import { compile, inTurns, measure, measureWithCamera, median } from './support.ts';

const ROUNDS = 7;
const CALLS = '10000';

const client = compile('ioctl-client');
const floor = compile('floor');
if (client === undefined || floor === undefined) {
  console.log('ioctl: skipped, there is no C compiler for the client and the floor');
} else {
  const [door = [], reference = [], exact = []] = inTurns(ROUNDS, [
    () => measureWithCamera('vivi', client, ['/dev/video0', CALLS]),
    () => measure(floor, ['mem', client, '-', CALLS]),
    () => measure(floor, ['vm', client, '-', CALLS]),
  ]);
  const ours = median(door);
  const print = (name: string, ns: number) =>
    console.log(`${name.padEnd(48)} ${(ns / 1000).toFixed(2)} µs   ratio ${(ours / ns).toFixed(2)}`);
  console.log(`VIDIOC_G_FMT through the door                    ${(ours / 1000).toFixed(2)} µs`);
  print('floor, memory through /proc/PID/mem', median(reference));
  print('floor, memory through process_vm_readv/writev', median(exact));
}
