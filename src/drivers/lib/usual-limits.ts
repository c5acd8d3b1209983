/** What a camera can do that has no reason to do more: what can be set, beyond what is listed. */
export const usualLimits = {
  minWidth: 48,
  minHeight: 32,
  maxWidth: 1920,
  maxHeight: 1200,
  widthStep: 4,
  shortest: { numerator: 1, denominator: 120 },
  longest: { numerator: 1, denominator: 1 },
} as const;
