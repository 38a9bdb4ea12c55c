export { type AlarmNews, deliveryOf } from './webhookDelivery';
export { compileFilter } from './webhookFilter';
export { type EffectNews, newsOf, WORKFLOW_TOPIC } from './effectNews';
export { BUS_RECEIVER, deriveNews, type Told } from './deriveNews';
export { EFFECT_ID_HEADER, type WebhookOptions, WebhookReceiver } from './webhookReceiver';
export { deliveryOrder } from './deliveryOrder';
export { RegisteredWebhooks } from './registeredWebhooks';
export { type NetworkRules, WebhookNetworks } from './webhookNetworks';
export { Receivers, type ReceiversOptions } from './receivers';
