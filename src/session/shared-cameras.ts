/**
 * Cameras that show what another one of the session shows (`source=camera:/dev/video0`): frames go from ring to ring, as they
 * are where both have the same format and size, and by way of a thread that converts them where not.
 */
import type { FrameFormat } from '../drivers/index.ts';
import { isPredicted } from '../pixel/index.ts';
import { ringShape } from '../producers/thread-producers.ts';
import {
  type FrameOrder,
  FrameRing,
  isPlain,
  PRODUCER_FAILED,
  type Producer,
  type ProducerHost,
  parseSource,
  plainView,
  RingTarget,
  type SourceSpec,
  SourceSpecError,
} from '../sources/index.ts';
import type { Camera } from './camera-table.ts';

/** What a camera is known by here; it is looked up whenever somebody wants to know, as cameras come and go. */
type Find = (node: string) => Camera | undefined;

/** A program can have the frames as they are. */
function isSame(order: FrameOrder, { info, width, height }: FrameFormat): boolean {
  // Of one that is made of others the others are missing.
  if (isPredicted(info)) return false;
  const isAsSeen = info.memory.length > 0 || isPlain(order.view ?? plainView);
  return info.name === order.format && width === order.width && height === order.height && isAsSeen;
}

/** The node of the camera that `text` names as a source; undefined if it names something else, or nothing that can be understood. */
export function cameraShownBy(text: string): string | undefined {
  try {
    const source = parseSource(text);
    return source.kind === 'camera' ? source.node : undefined;
  } catch (error) {
    if (error instanceof SourceSpecError) return undefined;
    throw error;
  }
}

class CameraProducer implements Producer {
  ring: FrameRing;
  isOutdated = false;
  /** Why there are no frames at the moment. */
  trouble: string | undefined;
  readonly node: string;
  readonly viewer: Camera;
  readonly #order: FrameOrder;
  readonly #threads: ProducerHost;
  readonly #ended: () => void;
  #watch: { stop(): void } | undefined;
  #converter: Producer | undefined;

  constructor(viewer: Camera, node: string, order: FrameOrder, threads: ProducerHost, ended: () => void) {
    this.viewer = viewer;
    this.node = node;
    this.#order = order;
    this.#threads = threads;
    this.#ended = ended;
    this.ring = FrameRing.shared(ringShape(order.planeSizes));
  }

  /** Frames of `camera` come from now on. */
  begin({ steering }: Camera): void {
    let isFirst = true;
    this.#watch = steering.watch?.({
      begin: (format) => {
        this.isOutdated = !isFirst;
        if (!isFirst) return undefined;
        isFirst = false;
        return this.#targetOf(format);
      },
    });
  }

  fail(trouble: string): void {
    this.trouble = trouble;
    this.#watch?.stop();
    this.#watch = undefined;
    this.ring.finish(PRODUCER_FAILED, trouble);
  }

  stop(): void {
    this.#watch?.stop();
    this.#converter?.stop();
    this.#ended();
  }

  #targetOf(format: FrameFormat): RingTarget {
    const { info, width, height, planeSizes } = format;
    if (isSame(this.#order, format)) return new RingTarget(this.ring, planeSizes);
    const frames = FrameRing.shared(ringShape(planeSizes));
    const input = { shape: frames.shape, memory: frames.memory, format: info.name, width, height };
    this.#converter = this.#threads.start({ ...this.#order, input });
    this.ring = this.#converter.ring;
    return new RingTarget(frames, planeSizes);
  }
}

export class SharedCameras {
  readonly #threads: ProducerHost;
  readonly #find: Find;
  /** All that are wanted, also those that have nothing to show. */
  readonly #producers = new Set<CameraProducer>();

  /** `threads` has all other producers; `find` gives the camera that is plugged in with a node. */
  constructor(threads: ProducerHost, find: Find) {
    this.#threads = threads;
    this.#find = find;
  }

  /** The producers for `viewer`. */
  hostOf(viewer: Camera): ProducerHost {
    return {
      ...this.#threads,
      check: (source) =>
        source.kind === 'camera' ? this.#circle(viewer, source.node) : this.#threads.check(source),
      start: (order) =>
        order.source.kind === 'camera'
          ? this.#start(viewer, order.source.node, order)
          : this.#threads.start(order),
    };
  }

  /** `node` is gone. */
  removed(node: string): void {
    for (const producer of this.#producers) if (producer.node === node) producer.fail('is unplugged');
  }

  /** A camera has come, or shows something else: what could not be shown may be possible now, or for another reason not. */
  changed(): void {
    for (const producer of this.#producers) {
      const { trouble, viewer, node } = producer;
      if (trouble !== undefined && this.#trouble(viewer, node) !== trouble) producer.isOutdated = true;
    }
  }

  #start(viewer: Camera, node: string, order: FrameOrder): Producer {
    const producer: CameraProducer = new CameraProducer(viewer, node, order, this.#threads, () =>
      this.#producers.delete(producer),
    );
    this.#producers.add(producer);
    const trouble = this.#trouble(viewer, node);
    if (trouble === undefined) producer.begin(this.#find(node) as Camera);
    else producer.fail(trouble);
    return producer;
  }

  /** Why `viewer` cannot show what the camera with this node shows, as words behind its name. */
  #trouble(viewer: Camera, node: string): string | undefined {
    const camera = this.#find(node);
    if (camera === undefined) return 'is unplugged';
    if (camera.steering.watch === undefined) return 'makes no pictures itself: name a vivi or a webcam';
    return this.#circle(viewer, node) && `cannot be shown: ${this.#circle(viewer, node)}`;
  }

  /** A sentence if what `node` shows is, by way of any number of others, what `viewer` shows. */
  #circle(viewer: Camera, node: string): string | undefined {
    const seen = new Set<Camera>();
    for (let camera = this.#find(node); camera !== undefined && !seen.has(camera); ) {
      if (camera === viewer)
        return seen.size === 0
          ? `${node} cannot show itself: name another camera`
          : `${node} shows this camera already: show something else there first`;
      seen.add(camera);
      const shown: SourceSpec | undefined = camera.steering.shows?.();
      camera = shown?.kind === 'camera' ? this.#find(shown.node) : undefined;
    }
    return undefined;
  }
}
