export { Listener, type ListenerLog, type ListenerParts, type ListenerState } from './listener';
export { startListener } from './startListener';
export { type BusSettings, deadLetterQueue } from './transport/busSettings';
