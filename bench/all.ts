/**
 * The benchmarks that are named, or all, one after the other.
 *
 *     npm run bench -- loopback trace
 */
const ALL = [
  'ioctl',
  'controls',
  'asleep',
  'frames',
  'fill',
  'vb2-pair',
  'videobuf-pair',
  'loopback',
  'foreign',
  'trace',
  'sources',
  'sessions',
  'start',
  'show',
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !ALL.includes(name));
if (unknown.length > 0)
  throw new Error(`there is no benchmark ${unknown.join(', ')}; there are ${ALL.join(', ')}`);
// What they find as arguments is for them.
process.argv.length = 2;
for (const name of wanted.length > 0 ? wanted : ALL) {
  console.log(`\n== ${name}`);
  await import(`./${name}.js`);
}
