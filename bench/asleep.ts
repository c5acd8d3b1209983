/** What sixteen threads that sleep in a call cost others: an ioctl with and without them. Goal: nothing. */
import { compile, inTurns, measureWithCamera, median } from './support.ts';

const ROUNDS = 5;
const SLEEPERS = 16;

const client = compile('asleep');
if (client === undefined) console.log('asleep: skipped, there is no C compiler for the client');
else {
  const cameras = Array<string>(SLEEPERS + 1).fill('vivi,read=no');
  const [nobody, sixteen] = inTurns(ROUNDS, [
    () => measureWithCamera(cameras, client, ['0']),
    () => measureWithCamera(cameras, client, [String(SLEEPERS)]),
  ]).map(median) as [number, number];
  const [before, after] = [(nobody / 1000).toFixed(2), (sixteen / 1000).toFixed(2)];
  console.log(
    `VIDIOC_G_FMT: ${before} µs; while ${SLEEPERS} sleep: ${after} µs, ${(sixteen / nobody).toFixed(2)} times`,
  );
}
