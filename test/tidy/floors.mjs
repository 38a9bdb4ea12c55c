/**
 * The floor plan as data: which library may import what. ESLint enforces it (eslint.config.mjs), a test
 * proves that each line of it bites (floors.spec.ts), and docs/architecture.md prints the same table.
 *
 * `imports` names other parts of this repository; `packages` names npm packages. What is not listed fails.
 * Test files may use any package and any Node module, but obey `imports` too.
 */

/** Floors where the same entries must give the same state everywhere: no clock, no chance, no Node. */
export const PURE_FLOORS = ['model', 'graph', 'templates', 'datasources', 'evaluator', 'engine', 'contract', 'ports'];

/** Floors that are synchronous as well: nothing is awaited inside a step. */
export const SYNCHRONOUS_FLOORS = ['model', 'graph', 'templates', 'datasources', 'evaluator', 'engine'];

export const FLOORS = {
  model: { imports: [], packages: [] },
  graph: { imports: ['model'], packages: [] },
  templates: { imports: ['model'], packages: ['yaml', 're2js'] },
  datasources: { imports: ['model'], packages: ['yaml', 're2js'] },
  ports: { imports: ['model'], packages: [] },
  contract: { imports: ['model'], packages: [] },
  evaluator: { imports: ['model', 'graph', 'templates'], packages: [] },
  engine: {
    imports: ['model', 'graph', 'templates', 'datasources', 'evaluator'],
    packages: [],
  },
  runtime: { imports: ['model', 'engine', 'ports'], packages: [], node: true },
  openstack: { imports: ['model', 'ports'], packages: [], node: true },
  answering: {
    imports: ['model', 'datasources', 'engine', 'ports', 'contract', 'runtime'],
    packages: [],
    node: true,
  },
  notifying: {
    imports: ['model', 'graph', 'engine', 'ports', 'runtime', 'answering'],
    packages: ['re2js', 'undici'],
    node: true,
  },
};

/** Every adapter: `ports`, `model`, and the client of its own technology. */
export const ADAPTER_IMPORTS = ['model', 'ports'];
export const ADAPTER_PACKAGES = {
  mariadb: ['mariadb'],
  sqlite: ['libsql'],
  rabbitmq: ['amqplib'],
};

/** Apps may import every library and adapter. Of one another, only this: what every process shares, and the one binary. */
export const APP_IMPORTS = {
  api: ['host'],
  cli: ['api', 'driver', 'host', 'listener', 'persister', 'processor'],
  cluster: ['host'],
  driver: ['host'],
  listener: ['host'],
  persister: ['host'],
  processor: ['host'],
};

/** @typedef {{ kind: 'lib' | 'adapter' | 'app' | 'test' | 'other', name: string }} Part */

/**
 * The part of the repository that a path below its root (with forward slashes) belongs to.
 * @param {string} path
 * @returns {Part}
 */
export function partOf(path) {
  const [top, first, second] = path.split('/');
  if (top === 'libs' && first === 'adapters') return { kind: 'adapter', name: second ?? '' };
  if (top === 'libs') return { kind: 'lib', name: first ?? '' };
  if (top === 'apps') return { kind: 'app', name: first ?? '' };
  if (top === 'test' || top === 'bench') return { kind: 'test', name: top };
  return { kind: 'other', name: top ?? '' };
}

/**
 * The part that a workspace package name stands for. Adapters are named after their technology.
 * @param {string} name as in `@wherefore/<name>`
 * @returns {Part}
 */
export function partNamed(name) {
  if (name in FLOORS) return { kind: 'lib', name };
  if (name in ADAPTER_PACKAGES) return { kind: 'adapter', name };
  return { kind: 'app', name };
}

/** @param {string} path */
export function isTestFile(path) {
  return /\.(spec|prop\.spec|conformance|sim|bench)\.ts$/.test(path) || /^(test|bench)\//.test(path);
}

/**
 * Whether `from` may import `to`.
 * @param {Part} from
 * @param {Part} to
 */
export function mayImport(from, to) {
  if (from.kind === 'test' || from.kind === 'other') return true;
  if (from.kind === to.kind && from.name === to.name) return true;
  if (from.kind === 'app') {
    return to.kind === 'lib' || to.kind === 'adapter' || (to.kind === 'app' && allowedParts(from).includes(to.name));
  }
  return to.kind === 'lib' && allowedParts(from).includes(to.name);
}

/**
 * The names that `part` may import, as a message says them.
 * @param {Part} part
 * @returns {readonly string[]}
 */
export function allowedParts(part) {
  if (part.kind === 'lib') return FLOORS[part.name]?.imports ?? [];
  if (part.kind === 'adapter') return ADAPTER_IMPORTS;
  return APP_IMPORTS[part.name] ?? [];
}

/**
 * The npm packages that `part` may import; `undefined` means any.
 * @param {Part} part
 * @returns {readonly string[] | undefined}
 */
export function allowedPackages(part) {
  if (part.kind === 'lib') return FLOORS[part.name]?.packages ?? [];
  if (part.kind === 'adapter') return ADAPTER_PACKAGES[part.name] ?? [];
  return undefined;
}

/**
 * Whether `part` may import Node's own modules.
 * @param {Part} part
 */
export function mayImportNode(part) {
  return part.kind === 'lib' ? FLOORS[part.name]?.node === true : true;
}
