import ts from 'typescript';
import { isSpec, readProjectFile, typescriptFiles } from './projectFiles';

const SOURCE_LINES_MAX = 600;
const SPEC_LINES_MAX = 800;
const FUNCTION_LINES_MAX = 70;

/** Files that may be longer, each with the reason. An entry that is no longer needed fails. */
const LONG_FILES: { readonly [file: string]: string } = {};

/** Functions that may be longer, as `file#name`, each with the reason. */
const LONG_FUNCTIONS: { readonly [place: string]: string } = {};

interface Long {
  readonly place: string;
  readonly lines: number;
}

function longFiles(): Long[] {
  return typescriptFiles().flatMap((place) => {
    const lines = readProjectFile(place).trimEnd().split('\n').length;
    return lines > (isSpec(place) ? SPEC_LINES_MAX : SOURCE_LINES_MAX) ? [{ place, lines }] : [];
  });
}

/** Tests are exempt: there a function is a `describe`. */
function longFunctions(): Long[] {
  return typescriptFiles()
    .filter((file) => !isSpec(file))
    .flatMap((file) => longFunctionsOf(file, readProjectFile(file)));
}

function longFunctionsOf(file: string, text: string): Long[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const found: Long[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
      const last = source.getLineAndCharacterOfPosition(node.getEnd()).line;
      const lines = last - first + 1;
      if (lines > FUNCTION_LINES_MAX) found.push({ place: `${file}#${nameOf(node, source)}`, lines });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function nameOf(node: ts.SignatureDeclaration, source: ts.SourceFile): string {
  if (node.name !== undefined) return node.name.getText(source);
  if (ts.isVariableDeclaration(node.parent)) return node.parent.name.getText(source);
  return ts.isConstructorDeclaration(node) ? 'constructor' : 'anonymous';
}

function unexcused(long: readonly Long[], excuses: { readonly [place: string]: string }): string[] {
  return long.filter(({ place }) => !(place in excuses)).map(({ place, lines }) => `${place}: ${lines} lines`);
}

function unneeded(long: readonly Long[], excuses: { readonly [place: string]: string }): string[] {
  return Object.keys(excuses).filter((place) => !long.some((each) => each.place === place));
}

describe('sizes', () => {
  it('no file is too long to read', () => {
    expect(unexcused(longFiles(), LONG_FILES)).toEqual([]);
    expect(unneeded(longFiles(), LONG_FILES)).toEqual([]);
  });

  it('no function is too long to read', () => {
    expect(unexcused(longFunctions(), LONG_FUNCTIONS)).toEqual([]);
    expect(unneeded(longFunctions(), LONG_FUNCTIONS)).toEqual([]);
  });

  it('sees a long function, whatever its kind', () => {
    const filler = '\n'.repeat(FUNCTION_LINES_MAX);
    const text = `function a() {${filler}}\nconst b = () => {${filler}};\nclass C { d() {${filler}} }\nfunction e() {}\n`;
    expect(longFunctionsOf('x.ts', text).map(({ place }) => place)).toEqual(['x.ts#a', 'x.ts#b', 'x.ts#d']);
  });
});
