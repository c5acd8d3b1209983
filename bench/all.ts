/** Every benchmark, one after the other. */
for (const name of ['ioctl', 'frames', 'fill', 'vb2-pair', 'loopback', 'start']) {
  console.log(`\n== ${name}`);
  await import(`./${name}.js`);
}
