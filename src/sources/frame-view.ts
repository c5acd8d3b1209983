import { wholeView, type ZoomView } from '../pixel/index.ts';
import { type Adjustment, adjustmentMatrix, FrameAdjuster, NO_ADJUSTMENT } from '../tpg/index.ts';

export { adjustmentMatrix, FrameAdjuster };

/** What a camera makes of the picture in front of it: a part of it, in other colours. */
export interface FrameView extends ZoomView, Adjustment {}

/** The picture as it is. */
export const plainView: FrameView = { ...wholeView, ...NO_ADJUSTMENT };

export const isZoomed = ({ zoom }: ZoomView): boolean => zoom > 100;

export const isAdjusted = ({ brightness, contrast, saturation, hue }: Adjustment): boolean =>
  brightness !== NO_ADJUSTMENT.brightness ||
  contrast !== NO_ADJUSTMENT.contrast ||
  saturation !== NO_ADJUSTMENT.saturation ||
  hue !== NO_ADJUSTMENT.hue;

export const isPlain = (view: FrameView): boolean => !isZoomed(view) && !isAdjusted(view);
