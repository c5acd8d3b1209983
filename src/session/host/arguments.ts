/**
 * What those who call the API from JavaScript may get wrong, where no compiler has told them: each check throws a SessionError
 * whose sentence names the argument, what it is, and the mend. What is right passes as it is.
 */
import { similar } from '../../base/similar.ts';
import { SessionError } from '../kernel.ts';
import type { ControlValue } from '../protocol.ts';
import type { ModeSettings, SessionSettings, SpawnSettings } from './session-types.ts';

/** A camera as it is described, for sentences. */
const CAMERA = "write it as after --camera, such as 'webcam,fps=25'";

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function demand(isRight: boolean, what: string, value: unknown, mend: string): void {
  if (!isRight) throw new SessionError(`${what} is ${shown(value)}: ${mend}`);
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): boolean => typeof value === 'string';

function checkKeys(what: string, given: object, known: readonly string[]): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const meant = similar(key, known);
    const mend = meant === undefined ? `it has ${known.join(', ')}` : `did you mean ${meant}?`;
    throw new SessionError(`${what} has no setting "${key}": ${mend}`);
  }
}

export function checkSession(settings: SessionSettings): void {
  demand(isObject(settings), 'what startSession() is given', settings, "write { cameras: ['vivi'] }");
  checkKeys('startSession()', settings, ['cameras', 'config', 'replace', 'report']);
  const { cameras = [], config = '', replace = false, report = () => {} } = settings;
  demand(Array.isArray(cameras), '"cameras"', cameras, "write an array, such as ['vivi']");
  for (const [index, camera] of cameras.entries()) {
    const mend = isObject(camera) ? `${CAMERA}, or use "config" in place of "cameras"` : CAMERA;
    demand(isText(camera), `"cameras[${index}]"`, camera, mend);
  }
  const file = "write the path of a file, or what would stand in it, such as { cameras: ['vivi'] }";
  demand(isText(config) || isObject(config), '"config"', config, file);
  demand(typeof replace === 'boolean', '"replace"', replace, 'write true or false');
  demand(typeof report === 'function', '"report"', report, 'write a function that is given a text');
}

export function checkSpec(spec: string): void {
  demand(isText(spec), 'the camera for add()', spec, CAMERA);
}

export function checkProgram(command: string, args: readonly string[], settings: SpawnSettings): void {
  demand(isText(command), 'the command for spawn()', command, "write a program's name or path");
  demand(Array.isArray(args), 'the second argument of spawn()', args, "write an array, such as ['-l']");
  demand(
    isObject(settings),
    'the third argument of spawn()',
    settings,
    "write settings, { stdio: 'inherit' }",
  );
}

export function checkExecutable(executable: string): void {
  demand(isText(executable), 'the executable for wrap()', executable, "write a program's name or path");
}

export function checkMode(mode: ModeSettings): void {
  demand(
    isObject(mode),
    'the mode for change()',
    mode,
    "write { size: '1280x720', fps: 25 }, or leave it out",
  );
  checkKeys('change()', mode, ['size', 'fps']);
  const { size = '', fps = 0 } = mode;
  demand(isText(size), '"size"', size, "write it as '1280x720'");
  demand(
    isText(fps) || typeof fps === 'number',
    '"fps"',
    fps,
    "write a number, or a fraction as '30000/1001'",
  );
}

export function checkSwitch(call: string, on: boolean): void {
  demand(typeof on === 'boolean', `the argument of ${call}()`, on, 'write true or false');
}

export function checkSource(source: string): void {
  demand(isText(source), 'the source for show()', source, "write it as after source=, such as 'qr:Hello'");
}

export function checkControls(controls: Readonly<Record<string, ControlValue>>): void {
  demand(isObject(controls), 'what set() is given', controls, 'write controls, such as { brightness: 200 }');
  for (const [name, value] of Object.entries(controls)) {
    // What a switch is set to may well be written so; it becomes 1 or 0.
    const isRight = isText(value) || Number.isFinite(value) || typeof value === 'boolean';
    demand(isRight, `"${name}"`, value, 'write a number or a text');
  }
}

export function checkCount(count: number): void {
  const isRight = Number.isSafeInteger(count) && count >= 0;
  demand(
    isRight,
    'the count for frames()',
    count,
    'write how many frames there shall be, such as frames(10)',
  );
}
