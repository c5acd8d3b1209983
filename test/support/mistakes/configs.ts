/** What stands in a configuration and is wrong, and what is said of it: the truth of tests and of `docs/errors.md`. */

const EXAMPLE = "cameras: [{ camera: 'vivi', size: '640x480' }]";

export interface WrongConfig {
  /** What the configuration exports. */
  readonly config: unknown;
  readonly says: string;
}

export const wrongConfigs: readonly WrongConfig[] = [
  { config: 7, says: `It is 7 and no configuration: write { ${EXAMPLE} }.` },
  { config: ['vivi'], says: `It is ["vivi"] and no configuration: write { ${EXAMPLE} }.` },
  { config: {}, says: `cameras: It is missing: write ${EXAMPLE}.` },
  { config: { camera: 'vivi' }, says: `cameras: It is missing: write ${EXAMPLE}.` },
  {
    config: { cameras: ['vivi'], replace: true },
    says: `replace: A configuration does not know "replace": it has ${EXAMPLE}.`,
  },
  { config: { cameras: 'vivi' }, says: `cameras: It is "vivi" and no list: write ${EXAMPLE}.` },
  { config: { cameras: [] }, says: `cameras: It is empty: write ${EXAMPLE}.` },
  {
    config: { cameras: [42] },
    says: "cameras[0]: It is 42 and no camera: write { camera: 'vivi', size: '640x480' }.",
  },
  {
    config: { cameras: ['vivi', null] },
    says: "cameras[1]: It is null and no camera: write { camera: 'vivi', size: '640x480' }.",
  },
  {
    config: { cameras: [{ size: '640x480' }] },
    says: "cameras[0]: It does not say which camera it is: write camera: 'vivi', or another of vivi-mplane, vivi-legacy, webcam, loopback, m2m, skeleton, or the file of a driver.",
  },
  {
    config: { cameras: [{ driver: 'webcam' }] },
    says: 'cameras[0]: It does not say which camera it is: write camera: \'webcam\' ("driver" is what programs are told).',
  },
  {
    config: { cameras: [{ camera: 'vivid' }] },
    says: 'cameras[0]: There is no driver "vivid": did you mean vivi?',
  },
  {
    config: { cameras: ['vivi', 'vivi,siez=1x1'] },
    says: 'cameras[1]: The driver vivi does not know "siez": did you mean size?',
  },
  {
    config: { cameras: [{ camera: 'vivi', siez: '640x480' }] },
    says: 'cameras[0].siez: The driver vivi does not know "siez": did you mean size?',
  },
  {
    config: { cameras: [{ camera: 'skeleton', fps: 30 }] },
    says: 'cameras[0].fps: The driver skeleton does not know "fps": its settings are name, driver, bus, readers.',
  },
  {
    config: { cameras: [{ camera: 'vivi', size: 'big' }] },
    says: 'cameras[0].size: size=big is not a size: write it as WIDTHxHEIGHT, such as size=1280x720.',
  },
  {
    config: { cameras: [{ camera: 'vivi', size: [640, 480] }] },
    says: 'cameras[0].size: "size" cannot be [640,480]: write size: \'1280x720\'.',
  },
  {
    config: { cameras: [{ camera: 'vivi', fps: 500 }] },
    says: 'cameras[0].fps: fps=500 is out of range: vivi makes 1 to 120 frames a second.',
  },
  {
    config: { cameras: [{ camera: 'vivi', fps: '' }] },
    says: 'cameras[0].fps: "fps" has no value: write fps: \'60\', or leave it out.',
  },
  {
    config: { cameras: [{ camera: 'vivi', memory: true }] },
    says: 'cameras[0].memory: memory=true is not possible: choose one of vmalloc, dma-contig, dma-sg.',
  },
  {
    config: { cameras: [{ camera: 'vivi' }, { camera: 'webcam', loop: 'maybe' }] },
    says: 'cameras[1].loop: loop=maybe is not possible: choose one of yes, no.',
  },
  {
    config: { cameras: [{ camera: 'webcam', source: 'film' }] },
    says: 'cameras[0].source: source=film is not possible: "film" is no file by its name: write ./film.',
  },
  {
    config: { cameras: [{ camera: 'webcam', source: 'qrcode:Hello' }] },
    says: 'cameras[0].source: source=qrcode:Hello is not possible: there is no kind of source "qrcode": choose one of pattern, qr, still, film, raw, y4m, screen, camera, lavfi, or name a file.',
  },
  {
    config: { cameras: [{ camera: 'webcam', profile: '8k' }] },
    says: 'cameras[0].profile: profile=8k is not possible: choose one of hd, fullhd, usb3, or name a file that ends in .json.',
  },
  {
    config: { cameras: [{ camera: 'loopback', readers: 'two' }] },
    says: 'cameras[0].readers: readers=two is not possible: choose one of one, many.',
  },
  {
    config: { cameras: [{ camera: 'vivi', name: null }] },
    says: 'cameras[0].name: "name" cannot be null: write name: \'Front door\'.',
  },
];
