export { startPersister } from './startPersister';
