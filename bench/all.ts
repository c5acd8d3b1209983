/** Every benchmark, one after the other. */
for (const name of [
  'ioctl',
  'controls',
  'asleep',
  'frames',
  'fill',
  'vb2-pair',
  'videobuf-pair',
  'loopback',
  'foreign',
  'start',
  'show',
]) {
  console.log(`\n== ${name}`);
  await import(`./${name}.js`);
}
