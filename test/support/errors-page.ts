/** `docs/errors.md`: what usercam says when something is wrong, out of the tables that the tests hold it to. */
import { type WrongCommand, wrongCommands } from './mistakes/commands.ts';
import { wrongConfigs } from './mistakes/configs.ts';
import { wrongSpecs } from './mistakes/specs.ts';

const HEAD = `# By symptom: what usercam says, and why

Generated (\`npm run docs\`) from the tables that the tests use: every sentence here is said, word for word, by usercam as it is now.
It stands on standard error after \`usercam: \`, names what is wrong and what to do, and is all that is said. The exit code is 2
where a command is not understood or a session cannot begin, 1 where a session that runs cannot do what it is asked; 0 stands
for a command that was started all the same. In the tables \`DIR\` is the directory where it is typed, \`PLACE\` that of the session.

What a machine lacks (seccomp, /proc, memory, descriptors) \`usercam doctor\` says, with the same mends.
`;

const row = (cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
const code = (text: string) => (text === '' ? '(nothing)' : `\`${text}\``);

function table(title: string, text: string, heads: readonly string[], rows: readonly (readonly string[])[]) {
  const lines = [row(heads), row(heads.map(() => '---')), ...rows.map(row)];
  return [`## ${title}`, '', ...(text === '' ? [] : [text, '']), ...lines, ''].join('\n');
}

function quoted(word: string): string {
  return /^[\w./:=,@-]+$/.test(word) ? word : `'${word}'`;
}

/** What is typed, and what has to be so. */
function situation({ words, files = {}, env = {}, without }: WrongCommand): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const typed = code([...variables, 'usercam', ...words.map(quoted)].join(' '));
  const there = Object.entries(files).map(([name, text]) =>
    text.trim() === '' ? `${code(name)} is empty` : `${code(name)} has ${code(text.trim())}`,
  );
  const all = [...there, ...(without === undefined ? [] : [`${without} is not installed`])];
  return all.length === 0 ? typed : `${typed}; ${all.join(', ')}`;
}

function commands(title: string, text: string, of: readonly WrongCommand[]): string {
  const rows = of.map((command) => [situation(command), code(command.says), String(command.code)]);
  return table(title, text, ['typed', 'said', 'exit code'], rows);
}

export function errorsPage(): string {
  const { cameras, sources, pictures, usage, places, steering } = wrongCommands;
  return [
    HEAD,
    table(
      'A camera is described wrongly',
      'After `--camera`, in `usercam add`, and in a configuration.',
      ['described', 'said'],
      wrongSpecs.map(([spec, says]) => [code(spec), code(says)]),
    ),
    table(
      'A configuration has something wrong in it',
      'The name of the file stands before that: `./usercam.config.ts: `.',
      ['exported', 'said'],
      wrongConfigs.map(({ config, says }) => [code(JSON.stringify(config)), code(says)]),
    ),
    commands('A configuration cannot be read, or what it names', '', cameras),
    commands('What a camera is to show is not there', '', sources),
    commands(
      'The camera shows bars that stand still',
      'Something is wrong with its source, and no program waits for that. Before the sentence stands the name of the camera.',
      pictures,
    ),
    commands('A command is not understood', '', usage),
    commands('There is no session, or there cannot be', '', places),
    commands(
      'A session cannot do what it is asked',
      'It has `vivi` and `webcam`, as /dev/video0 and /dev/video1.',
      steering,
    ),
  ].join('\n');
}
