/** Every benchmark, one after the other. */
for (const name of ['ioctl', 'frames', 'fill']) {
  console.log(`\n== ${name}`);
  await import(`./${name}.js`);
}
