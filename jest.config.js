/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  globalSetup: '<rootDir>/test/support/globalSetup.ts',
  reporters: ['default', '<rootDir>/test/support/notRunReporter.js'],
  maxWorkers: 2,
  testTimeout: 20_000,
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  moduleNameMapper: {
    '^@wherefore/(sqlite|mariadb|rabbitmq)$': '<rootDir>/libs/adapters/$1/src/index.ts',
    '^@wherefore/(api|driver|host|listener|persister|processor)$': '<rootDir>/apps/$1/src/index.ts',
    '^@wherefore/([a-z]+)$': '<rootDir>/libs/$1/src/index.ts',
  },
};
