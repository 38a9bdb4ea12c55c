import { type Json, type JsonObject, isJsonObject } from '@wherefore/model';
import { entityTypeOf, HEAT_STACK } from '../heat/stack';
import { readId } from '../reading/properties';
import { type NamedReaders, reader } from './answerReader';
import { type DriverFrame, driverEvent, pickFromEach } from './driverEvent';
import { deletionOf, STACK_RESOURCE_FIELDS, STACK_ROW_FIELDS } from './sourceFields';

/** The answers of Heat. */
export const HEAT_ANSWERS: readonly NamedReaders[] = [['heat-stacks', [reader(HEAT_STACK, 'stacks', 'id', readStack)]]];

/** Stacks within stacks are parts of the outer one. `resources` is there if the driver asked for them. */
function readStack(frame: DriverFrame, row: JsonObject): JsonObject | undefined {
  if (readId(row['parent']) !== undefined) return undefined;
  const event = { ...driverEvent(frame, row, STACK_ROW_FIELDS), ...deletionOf(row['stack_status']) };
  const { resources } = row;
  if (!Array.isArray(resources)) return event;
  const entities = (resources as readonly Json[]).filter(
    (resource) => isJsonObject(resource) && entityTypeOf(resource['resource_type']) !== undefined,
  );
  return { ...event, resources: pickFromEach(entities, STACK_RESOURCE_FIELDS) ?? [] };
}
