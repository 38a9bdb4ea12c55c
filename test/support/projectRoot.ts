import path from 'node:path';

/** The project's root folder; of the build, where it lies. */
export const PROJECT_ROOT = path.resolve(__dirname, '../..');
