/** `node dist/test/videobuf/replay/show.js KIND`: how the replay differs from what was recorded, as diff shows it. */
import type { Memory } from '../measuring.ts';
import { compareAll } from './expected.ts';

const [kind = 'vmalloc'] = process.argv.slice(2);
let [equal, total] = [0, 0];
for (const [name, result] of compareAll(kind as Memory)) {
  equal += result.equal;
  total += result.total;
  if (result.differences.length > 0) console.log(`== ${name}\n${result.differences.join('\n')}`);
}
console.log(`${kind}: ${equal} of ${total} lines are equal`);
