/** `docs/api.md`: what `import … from 'usercam'` has, from the types that are published and the comments at them. */
import { readFileSync } from 'node:fs';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** What is shown whole: the module that is for tests, and what its types name. */
const WHOLE = /^\.\/session\//;
/** So many names that a table says nothing: they are those of C. */
const NAMES_OF_C = new Map([
  [
    './abi/index.ts',
    "All structs, ioctls and constants of videodev2.h, in C's own spelling: [ioctls.md](ioctls.md).",
  ],
  ['./base/errno.ts', '`Errno`, and the numbers of errors: `EINVAL`, `EBUSY` …'],
]);

interface Exported {
  readonly module: string;
  /** Undefined: all names of the module. */
  readonly names: readonly string[] | undefined;
}

interface Section {
  readonly title: string;
  readonly exported: readonly Exported[];
}

/** `type A,` or `b` in braces. */
const namesIn = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim().replace(/^type /, ''))
    .filter((name) => name !== '');

/** `src/index.ts` by its comments: each is the title of what follows. */
function sections(): readonly Section[] {
  const index = read('src/index.ts').replace(/^\/\*\*[\s\S]*?\*\/\n/, '');
  return index.split(/^(?=\/\/ )/m).map((part) => {
    const title = /^\/\/ ([\s\S]*?)\n(?!\/\/)/.exec(part)?.[1]?.replaceAll('\n// ', ' ') ?? '';
    const exports = part.matchAll(/^export (?:type )?(?:\*|\{([^}]*)\}) from '([^']+)'/gm);
    const exported = [...exports].map(([, names, module = '']) => ({
      module,
      names: names === undefined ? undefined : namesIn(names),
    }));
    return { title, exported };
  });
}

interface Declared {
  readonly text: string;
  /** What stands before it, as one paragraph. */
  readonly comment: string;
}

const paragraph = (comment: string): string =>
  comment
    .replaceAll(/^\s*\/\*\*|\*\/\s*$/g, '')
    .replaceAll(/\n\s*\* ?/g, ' ')
    .replaceAll(/@kernel.*$/gm, '')
    .replaceAll(/\{@link (?:\w+\.)?(\w+)[^}]*\}/g, '`$1`')
    .trim();

/** A name at the beginning of a line of a file of types, up to the next such line. */
function declarationIn(text: string, name: string): Declared | undefined {
  const begin = new RegExp(
    `^((?:/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/\\n)?)export (?:declare )?(?:abstract )?(?:const|function|class|interface|type) ${name}\\b`,
    'm',
  ).exec(text);
  if (begin === null) return undefined;
  const comment = begin[1] ?? '';
  const rest = text.slice(begin.index + comment.length);
  const end = rest.slice(1).search(/^(?:\/\*\*|export |declare |type |interface )/m);
  return { text: (end < 0 ? rest : rest.slice(0, end + 1)).trim(), comment: paragraph(comment) };
}

const FROM = /^(?:export|import) (?:type )?(?:\*|\{([^}]*)\}) from '([^']+)'/gm;

/** The declaration of `name` in a file of types, or where that has it from. */
function find(name: string, file: URL): Declared | undefined {
  const text = readFileSync(file, 'utf8');
  const here = declarationIn(text, name);
  if (here !== undefined) return here;
  for (const [, names, from = ''] of text.matchAll(FROM)) {
    // `a as b`, too.
    const entry = namesIn(names ?? name).find((each) => each === name || each.endsWith(` as ${name}`));
    if (entry === undefined) continue;
    const there = find(entry.replace(/ as .*/, ''), new URL(from.replace(/\.js$/, '.d.ts'), file));
    if (there !== undefined) return there;
  }
  return undefined;
}

function declared(name: string, module: string): Declared {
  const file = new URL(module.replace(/\.ts$/, '.d.ts'), new URL('dist/types/', root));
  const found = find(name, file);
  if (found === undefined) throw new Error(`no declaration of ${name} in ${module}`);
  return found;
}

const firstSentence = (text: string): string => /^.*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text;
const cell = (text: string): string => text.replaceAll('|', '\\|');

function whole(name: string, module: string): string {
  const { text, comment } = declared(name, module);
  return `### ${name}\n\n${comment}\n\n\`\`\`ts\n${text}\n\`\`\`\n`;
}

function row(name: string, module: string): string {
  const { text, comment } = declared(name, module);
  const kind = /^export (?:declare )?(?:abstract )?(\w+)/.exec(text)?.[1] ?? '';
  return `| \`${name}\` | ${kind} | ${cell(firstSentence(comment))} |`;
}

function section({ title, exported }: Section): string {
  const parts = exported.map(({ module, names }) => {
    if (names === undefined) return `${NAMES_OF_C.get(module)}\n`;
    if (WHOLE.test(module)) return names.map((name) => whole(name, module)).join('\n');
    return '';
  });
  const rows = exported.flatMap(({ module, names }) =>
    WHOLE.test(module) ? [] : (names ?? []).map((name) => row(name, module)),
  );
  const table = rows.length === 0 ? '' : `| name | is | |\n|---|---|---|\n${rows.join('\n')}\n`;
  const text = [...parts, table].filter((part) => part !== '').join('\n');
  const [, heading = '', rest = ''] = /^(.*?)(?:[:.] (.*)|\.)?$/.exec(title) ?? [];
  const more = rest === '' ? '' : `${rest[0]?.toUpperCase()}${rest.slice(1)}\n\n`;
  return `## ${heading}\n\n${more}${text}`;
}

/** What is for tests comes first. */
function inOrder(all: readonly Section[]): readonly Section[] {
  const isForTests = ({ exported }: Section) => exported.some(({ module }) => WHOLE.test(module));
  return [...all.filter(isForTests), ...all.filter((each) => !isForTests(each))];
}

export function apiPage(): string {
  const text = inOrder(sections().filter(({ exported }) => exported.length > 0)).map(section);
  return `# What \`import … from 'usercam'\` has

Generated (\`npm run docs\`) from the types that are published and the comments at them. How sessions are used: [sessions.md](sessions.md). How a driver is written: [anatomy-of-a-driver.md](anatomy-of-a-driver.md).

${text.join('\n')}`;
}
