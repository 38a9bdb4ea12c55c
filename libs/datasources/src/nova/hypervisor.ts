import { type Converter, resourceEvent, stubNeighbour } from '../reading/entity';
import { missingId, PropertyDraft, readId } from '../reading/properties';
import { isDisabled, NOVA_HOST } from './host';

export const NOVA_HYPERVISOR = 'nova.hypervisor';

/**
 * A hypervisor, as a row of `os-hypervisors/detail` tells of it; nothing else does. Nova's own id is a
 * number or a uuid, as the microversion has it, so the key is the name that the driver gives it. A host has
 * one, but with Ironic as many as there are machines.
 *
 * What it has used up is left out: newer microversions do not tell, and it changes with every server.
 */
export const convertHypervisor: Converter = (sample) => {
  const { event, action } = sample;
  const id = readId(event['hypervisor_hostname']);
  if (id === undefined) return missingId('hypervisor_hostname');

  const draft = new PropertyDraft()
    .set('id', id)
    .set('name', id)
    .text('state', event['state'], 'state')
    .text('status', event['status'], 'status')
    .set('disabled', isDisabled(event['status']))
    .text('disabled_reason', event['disabled_reason'], 'disabled_reason')
    .text('host_id', event['host'], 'host')
    .text('host_ip', event['host_ip'], 'host_ip')
    .text('hypervisor_type', event['hypervisor_type'], 'hypervisor_type')
    .scalar('hypervisor_version', event['hypervisor_version'], 'hypervisor_version')
    .set('update_timestamp', sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;

  const host = readId(event['host']);
  const neighbours = host === undefined ? [] : [stubNeighbour(NOVA_HOST, host, 'contains', 'from-neighbour')];
  return resourceEvent(sample, action, NOVA_HYPERVISOR, id, draft.patch, neighbours);
};
