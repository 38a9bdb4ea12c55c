export { startProcessor } from './startProcessor';
