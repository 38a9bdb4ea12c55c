import tseslint from 'typescript-eslint';
import floors from './test/tidy/eslintFloors.mjs';
import { PURE_FLOORS, SYNCHRONOUS_FLOORS } from './test/tidy/floors.mjs';

const TEST_FILES = ['**/*.spec.ts', '**/*.conformance.ts', '**/*.sim.ts', '**/*.bench.ts', 'test/**', 'bench/**'];
const sourcesOf = (libs) => libs.map((lib) => `libs/${lib}/src/**/*.ts`);

const LOCAL_TIME =
  'getDate getDay getFullYear getHours getMilliseconds getMinutes getMonth getSeconds getTimezoneOffset'
    .split(' ')
    .concat('setDate setFullYear setHours setMilliseconds setMinutes setMonth setSeconds'.split(' '))
    .concat('toDateString toTimeString'.split(' '));
const LOCALE = 'localeCompare toLocaleString toLocaleDateString toLocaleTimeString toLocaleUpperCase toLocaleLowerCase';

const everywhere = [
  {
    selector: 'ExportAllDeclaration',
    message: 'Name what a library exports: `export *` makes its face an accident.',
  },
];

/** What would make two machines, or two runs, give different answers. */
const nondeterminism = [
  {
    selector: 'NewExpression[callee.name="Date"][arguments.length!=1]',
    message: 'Time is an input: `new Date()` reads the clock, and `new Date(y, m, …)` the zone of this machine.',
  },
  {
    selector: 'CallExpression[callee.name="Date"]',
    message: 'Time is an input: `Date()` reads the clock.',
  },
  {
    selector: 'MetaProperty[meta.name="import"]',
    message: 'The pure floors do not know where they are installed.',
  },
];

const awaiting = [
  { selector: ':function[async=true]', message: 'A step is synchronous: no async functions here.' },
  { selector: 'AwaitExpression', message: 'A step is synchronous: nothing is awaited here.' },
  { selector: 'ForOfStatement[await=true]', message: 'A step is synchronous: nothing is awaited here.' },
];

const restrictedGlobals = [
  ...'process Intl crypto performance console fetch require module globalThis global'.split(' '),
  ...'setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask'.split(' '),
  ...'WeakRef FinalizationRegistry navigator __dirname __filename'.split(' '),
].map((name) => ({ name, message: 'Not below runtime: the same entries must give the same state everywhere.' }));

const restrictedProperties = [
  { object: 'Date', property: 'now', message: 'Time is an input: it comes from the entry, or as a parameter.' },
  { object: 'Math', property: 'random', message: 'Nothing is left to chance here: derive it from the entry.' },
  { property: 'randomUUID', message: 'Nothing is left to chance here: derive the id from the entry.' },
  ...LOCALE.split(' ').map((property) => ({ property, message: 'It depends on the locale: compare code units.' })),
  ...LOCAL_TIME.map((property) => ({ property, message: 'It depends on the time zone: use the UTC methods.' })),
];

export default tseslint.config(
  { ignores: ['**/node_modules/', '**/dist/', '**/coverage/', '**/.wherefore/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    plugins: { floors },
    rules: {
      'floors/imports': 'error',
      'floors/folder-names': 'error',
      'no-restricted-syntax': ['error', ...everywhere],
      'eqeqeq': ['error', 'always'],
      'no-console': 'error',
      'no-constant-binary-expression': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-self-compare': 'error',
      'no-throw-literal': 'error',
      'no-unreachable-loop': 'error',
      'no-var': 'error',
      'prefer-const': ['error', { destructuring: 'all' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { args: 'after-used', argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
    },
  },
  {
    // Forgotten promises. Needs types, so it looks only where promises are.
    files: [
      'libs/ports/**/*.ts',
      'libs/runtime/**/*.ts',
      'libs/answering/**/*.ts',
      'libs/adapters/**/*.ts',
      'apps/**/*.ts',
      'test/**/*.ts',
    ],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
    },
  },
  {
    files: sourcesOf(PURE_FLOORS),
    ignores: TEST_FILES,
    rules: {
      'no-restricted-globals': ['error', ...restrictedGlobals],
      'no-restricted-properties': ['error', ...restrictedProperties],
      'no-restricted-syntax': ['error', ...everywhere, ...nondeterminism],
    },
  },
  {
    files: sourcesOf(SYNCHRONOUS_FLOORS),
    ignores: TEST_FILES,
    rules: {
      'no-restricted-globals': [
        'error',
        ...restrictedGlobals,
        { name: 'Promise', message: 'A step is synchronous: no promises here.' },
        { name: 'Buffer', message: 'Buffer is Node only: use Uint8Array.' },
      ],
      'no-restricted-syntax': ['error', ...everywhere, ...nondeterminism, ...awaiting],
    },
  },
  {
    // Decorator metadata needs the class itself where a type is written.
    files: ['apps/**/*.ts'],
    languageOptions: { parserOptions: { emitDecoratorMetadata: true, experimentalDecorators: true } },
  },
  {
    files: [...TEST_FILES, 'apps/cli/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    rules: { 'no-var': 'error', 'prefer-const': 'error', 'eqeqeq': ['error', 'always'] },
  },
);
