import { builtinModules } from 'node:module';
import path from 'node:path';
import { allowedPackages, allowedParts, isTestFile, mayImport, mayImportNode, partNamed, partOf } from './floors.mjs';

/**
 * The ESLint rules of this house. `floors/imports` looks at every way to name another module (import,
 * export from, `import()`, `import('…')` types, `require`), so that no spelling slips through the floor plan.
 */

const NODE_MODULES = new Set(builtinModules);
const BANNED_FOLDERS = new Set(['utils', 'util', 'common', 'helpers', 'helper', 'types', 'misc']);

/** @param {string} filename @param {string} root */
function below(filename, root) {
  return path.relative(root, filename).split(path.sep).join('/');
}

/** `yaml/util` → `yaml`, `@scope/name/x` → `@scope/name`. @param {string} specifier */
function packageOf(specifier) {
  const words = specifier.split('/');
  return specifier.startsWith('@') ? words.slice(0, 2).join('/') : words[0];
}

/**
 * What is wrong with importing `specifier` from `file`, or `undefined`.
 * @param {string} file path below the root
 * @param {string} specifier
 */
export function importFault(file, specifier) {
  const from = partOf(file);
  const isTest = isTestFile(file);
  if (specifier.startsWith('.')) return relativeFault(file, from, isTest, specifier);
  if (specifier.startsWith('/')) return 'An absolute path works on one machine only.';

  const own = /^@wherefore\/([^/]+)(\/.*)?$/.exec(specifier);
  if (own) {
    if (own[2] !== undefined) return `Import '@wherefore/${own[1]}', not a file inside it.`;
    return partFault(from, partNamed(own[1]));
  }
  if (isTest) return undefined;

  if (specifier.startsWith('node:') || NODE_MODULES.has(packageOf(specifier))) {
    return mayImportNode(from)
      ? undefined
      : `${from.name} may not import Node's modules: it must run the same anywhere.`;
  }
  const packages = allowedPackages(from);
  if (packages === undefined || packages.includes(packageOf(specifier))) return undefined;
  return `${from.name} may not import the package '${packageOf(specifier)}' (allowed: ${packages.join(', ') || 'none'}).`;
}

function relativeFault(file, from, isTest, specifier) {
  const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
  const to = partOf(target);
  if (to.kind === from.kind && to.name === from.name) return undefined;
  if (isTest && to.kind === 'test') return undefined;
  if (!isTest) return `Leave the library by its name ('@wherefore/…'), not by the path '${specifier}'.`;
  return partFault(from, to);
}

function partFault(from, to) {
  if (mayImport(from, to)) return undefined;
  const allowed = allowedParts(from);
  return `${from.name} may not import ${to.name} (allowed: ${allowed.join(', ') || 'nothing'}). Imports only go down.`;
}

const imports = {
  meta: { type: 'problem', schema: [], messages: { fault: '{{ fault }}' } },
  create(context) {
    const file = below(context.filename, context.cwd);
    const check = (source) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const fault = importFault(file, source.value);
      if (fault !== undefined) context.report({ node: source, messageId: 'fault', data: { fault } });
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source ?? node.argument?.literal),
      TSExternalModuleReference: (node) => check(node.expression),
      CallExpression(node) {
        const { callee } = node;
        const isRequire = callee.type === 'Identifier' && callee.name === 'require';
        const isResolve = callee.type === 'MemberExpression' && callee.object.name === 'require';
        if (isRequire || isResolve) check(node.arguments[0]);
      },
    };
  },
};

const folderNames = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { banned: "A folder named '{{ name }}' says nothing. Name it after what it does." },
  },
  create(context) {
    const folders = below(context.filename, context.cwd).split('/').slice(0, -1);
    const name = folders.find((folder) => BANNED_FOLDERS.has(folder));
    if (name === undefined) return {};
    return { Program: (node) => context.report({ node, messageId: 'banned', data: { name } }) };
  },
};

export default { rules: { 'imports': imports, 'folder-names': folderNames } };
