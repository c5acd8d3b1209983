/** What cameras show. */
export {
  FrameRing,
  PRODUCER_ENDED,
  PRODUCER_FAILED,
  PRODUCER_MAKING,
  PRODUCER_STILL,
  type ProducerState,
  type RingShape,
} from './frame-ring.ts';
export {
  type FrameShape,
  type FrameSource,
  type FrameTarget,
  needsOthers,
  type PaintedSource,
  type PictureSource,
  putFrame,
} from './frame-source.ts';
export {
  adjustmentMatrix,
  FrameAdjuster,
  type FrameView,
  isAdjusted,
  isPlain,
  isZoomed,
  plainView,
} from './frame-view.ts';
export { JpegPatternSource } from './jpeg-pattern-source.ts';
export { MovingPattern } from './moving-pattern.ts';
export { placeholderPicture } from './placeholder.ts';
export { ProducedSource, type ProducedSourceConfig } from './produced-source.ts';
export type { FrameInput, FrameOrder, Producer, ProducerHost, ProducerWork } from './producer.ts';
export { RingTarget } from './ring-target.ts';
export { type Canvas, defineSource, type ScriptFrame, type ScriptSource } from './script.ts';
export {
  type Fit,
  fits,
  type Pace,
  type Playing,
  paces,
  parseSource,
  patternNamed,
  patternNames,
  type SourceSpec,
  SourceSpecError,
  sourceFile,
  sourceName,
  sourceWords,
} from './source-spec.ts';
export { stillPicture } from './still-picture.ts';
