/** Who listens to the trace points for the user: a recorder beside the emulated kernel, and printers elsewhere. */
export {
  DEBUG_WORDS,
  type DebugWord,
  debugTextOf,
  debugWordsOf,
  groupsToDebug,
  parseDebug,
} from './debug.ts';
export { jsonOf, textOf } from './print.ts';
export { parseGroups, TRACE_GROUPS, type TraceGroup, type TraceRecord } from './record.ts';
export { Recorder } from './recorder.ts';
