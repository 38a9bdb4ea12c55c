export { Listener, type ListenerLog, type ListenerParts, type ListenerState } from './listener';
export { type BusSettings, DEFAULT_EXCHANGES, DEFAULT_TOPICS, deadLetterQueue } from './transport/busSettings';
