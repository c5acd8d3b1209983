/** Settings that say what a camera shows, and how. */
import {
  fits,
  type Playing,
  type ProducerHost,
  paces,
  parseSource,
  type SourceSpec,
  SourceSpecError,
  sourceFile,
  sourceWords,
} from '../../sources/index.ts';
import { CameraSpecError } from './camera-spec-error.ts';
import { choiceSetting, type Setting } from './settings.ts';

function sourceSetting(): Setting<SourceSpec> {
  return {
    kind: 'text',
    default: 'pattern:bars',
    example: 'film.mp4',
    values: sourceWords,
    help: 'What the camera shows. A comma in it is written as \\,.',
    read(text, key) {
      try {
        return parseSource(text);
      } catch (error) {
        if (error instanceof SourceSpecError)
          throw new CameraSpecError(`${key}=${text} is not possible: ${error.message}.`);
        throw error;
      }
    },
    relocate(text, directory) {
      const file = sourceFile(parseSource(text));
      if (file === undefined || file.startsWith('/')) return text;
      return `${text.slice(0, -file.length)}${directory}/${file}`;
    },
  };
}

/** For cameras whose picture may come from anywhere. */
export const sourceSettings = {
  source: sourceSetting(),
  fit: choiceSetting(
    fits,
    'How a picture of another shape fits: with bars beside it, cut off, or distorted.',
  ),
  loop: choiceSetting(['yes', 'no'], 'Whether a film begins again at its end.'),
  pace: choiceSetting(paces, 'A film goes by time, or each frame that is delivered is the next one of it.'),
} as const;

export function playingOf({
  fit,
  loop,
  pace,
}: {
  fit: Playing['fit'];
  loop: 'yes' | 'no';
  pace: Playing['pace'];
}): Playing {
  return { fit, loop: loop === 'yes', pace };
}

/** Throws CameraSpecError if it can be told already that the source cannot be shown. */
export function checkSource(source: SourceSpec, producers: ProducerHost | undefined): void {
  if (source.kind === 'pattern') return;
  const wrong = producers === undefined ? 'has nobody who makes its frames' : producers.check(source);
  if (wrong !== undefined) throw new CameraSpecError(`source: ${wrong}.`);
}

/** Understands what is written as in `source=`. Throws CameraSpecError. */
export function readSource(text: string, label: string): SourceSpec {
  return sourceSettings.source.read(text, 'source', label);
}
