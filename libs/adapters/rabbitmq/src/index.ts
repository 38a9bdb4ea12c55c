export { type RabbitLogOptions, RabbitEventLog } from './rabbitEventLog';
export { type BrokerAddress, BrokerLink } from './brokerLink';
export { type EntranceOptions, LogEntrance } from './logEntrance';
export type { StreamSettings } from './streamTopology';
export { BusReceiver, type BusReceiverOptions } from './busReceiver';
