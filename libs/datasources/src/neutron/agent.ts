import { type Converter, isNotification, resourceEvent, stubNeighbour } from '../reading/entity';
import { kindOf, malformed, missingId, PropertyDraft, readEitherId, readId, readObject } from '../reading/properties';
import { NOVA_HOST } from '../nova/host';

export const NEUTRON_AGENT = 'neutron.agent';

/**
 * An agent of Neutron: a row of `agents`, or an `agent.*.end` notification of what an operator did to it.
 *
 * `state` is `up` or `down`: whether Neutron still hears its heartbeat. That it fell silent is announced
 * nowhere; only polls show it. What an operator wants of it stands beside that, as `admin_state_up`. An
 * agent has no name in Neutron: it is called `<binary>@<host>`, which is unique.
 */
export const convertAgent: Converter = (sample) => {
  const { event } = sample;
  const body = readObject(event, 'agent') ?? event;
  const id = readEitherId(body['id'], event['agent_id']);
  if (id === undefined) return missingId('id');
  const { alive } = body;
  if (alive !== undefined && typeof alive !== 'boolean') {
    return malformed('alive', `alive is ${kindOf(alive)}, not true or false.`);
  }

  const host = readId(body['host']);
  const binary = readId(body['binary']);
  const draft = new PropertyDraft()
    .set('id', id)
    .set('name', host === undefined || binary === undefined ? undefined : `${binary}@${host}`)
    .set('state', alive === undefined ? undefined : alive ? 'up' : 'down')
    .scalar('admin_state_up', body['admin_state_up'], 'admin_state_up')
    .text('binary', body['binary'], 'binary')
    .text('agent_type', body['agent_type'], 'agent_type')
    .text('host_id', body['host'], 'host')
    .text('availability_zone', body['availability_zone'], 'availability_zone')
    .set('update_timestamp', sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;

  const action = isNotification(event, 'agent.delete.end') ? 'delete-entity' : sample.action;
  const neighbours = host === undefined ? [] : [stubNeighbour(NOVA_HOST, host, 'contains', 'from-neighbour')];
  return resourceEvent(sample, action, NEUTRON_AGENT, id, draft.patch, neighbours);
};
