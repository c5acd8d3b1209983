/** What is traced and where that goes, as the command line says it. */
import { Option } from 'commander';
import {
  DEBUG_WORDS,
  type DebugWord,
  groupsToDebug,
  parseDebug,
  parseGroups,
  TRACE_GROUPS,
  type TraceGroup,
} from '../trace/index.ts';
import { refuse } from './described-cameras.ts';
import { TraceOutput } from './trace-output.ts';

/** Of a debug option without words. */
const USUAL_DEBUG = 'ioctl,arg';

export interface TraceFlags {
  readonly trace?: string | true | undefined;
  readonly traceFile?: string;
  readonly debug?: string | true;
}

export interface ChosenTrace {
  /** What is traced; nothing if empty. */
  readonly trace: readonly TraceGroup[];
  /** The file that the trace goes to, as lines of JSON. */
  readonly traceFile: string | undefined;
  /** What of it is told in the manner of the kernel's log, and nothing else; all in ours if empty. */
  readonly debug: readonly DebugWord[];
}

export const traceOption = (): Option =>
  new Option(
    '--trace [groups]',
    `say what goes on between programs and cameras; groups: ${TRACE_GROUPS.join(',')} (all if left out)`,
  );

export const traceFileOption = (): Option =>
  new Option('--trace-file <file>', 'write the trace into a file, as lines of JSON');

export const debugOption = (): Option =>
  new Option(
    '--debug [words]',
    `say it as the kernel's log does with dev_debug; words: ${DEBUG_WORDS.join(',')} (${USUAL_DEBUG} if left out)`,
  ).conflicts(['trace', 'traceFile']);

/** What `read` makes of a list of words; the user is told of a wrong one. */
function wordsOf<W>(text: string, read: (text: string) => readonly W[]): readonly W[] {
  try {
    return read(text);
  } catch (error) {
    refuse((error as RangeError).message);
  }
}

/** A file alone is for everything that can be traced. */
export function chosenTrace({ trace, traceFile, debug }: TraceFlags): ChosenTrace {
  if (debug !== undefined) {
    const words = wordsOf(debug === true ? USUAL_DEBUG : debug, parseDebug);
    return { trace: groupsToDebug(words), traceFile: undefined, debug: words };
  }
  const isAll = trace === true || (trace === undefined && traceFile !== undefined);
  if (isAll) return { trace: TRACE_GROUPS, traceFile, debug: [] };
  return { trace: trace === undefined ? [] : wordsOf(trace, parseGroups), traceFile, debug: [] };
}

/** Opened before anything is started: a trace that cannot be kept is refused. */
export function openTrace({ traceFile, debug }: ChosenTrace, stream?: number): TraceOutput {
  try {
    return new TraceOutput(traceFile, debug, stream);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    refuse(`--trace-file: cannot write ${traceFile} (${code}); name a file in a directory of yours`);
  }
}
