import type { ListedResource } from '@wherefore/contract';
import { compareCodeUnits, WhereforeError } from '@wherefore/model';
import { stateOf } from '../rendering/naming';
import { paintState } from '../rendering/severity';
import { noteMoment } from '../rendering/moment';
import { withDesk } from '../sources/chooseDesk';
import type { DeskOptions } from '../sources/desk';
import { type Column, formatTable } from '../terminal/table';
import type { Terminal } from '../terminal/terminal';
import { count } from '../terminal/text';
import { readWhen } from '../time/readWhen';

export interface ResourcesOptions extends DeskOptions {
  readonly type?: string;
  readonly at?: string;
  readonly json?: boolean;
}

/** `wherefore resources`: what there is, by type. */
export async function resources(id: string | undefined, options: ResourcesOptions, terminal: Terminal): Promise<void> {
  const { type } = options;
  const when = readWhen(options.at, terminal);
  await withDesk(options, terminal, async (desk) => {
    const answer = await desk.resources({
      ...when,
      ...(type === undefined ? {} : { type }),
      ...(id === undefined ? {} : { id }),
    });
    const found = answer.resources;
    if (id !== undefined && found.length === 0) {
      throw new WhereforeError('entity-not-found', `no resource has the id "${id}"`, {
        hint: 'List them with "wherefore resources".',
      });
    }
    if (options.json !== true) noteMoment(answer.answeredAt, terminal);
    if (found.length === 0 && type !== undefined) {
      const { resources: all } = await desk.resources(when);
      terminal.note(noneOf(type, new Set(all.map((each) => each.type))));
    }
    if (options.json === true) return terminal.json(found.map(resourceRow));
    if (found.length === 0) return type === undefined ? terminal.note('No resources.') : undefined;
    terminal.data(formatTable(found, columns(terminal), terminal));
    terminal.aside(count(found.length, 'resource'));
  });
}

/** Names the types that there are, for the one that was asked for may be misspelt. */
function noneOf(type: string, others: ReadonlySet<string>): string {
  const none = `No resources of type ${type}.`;
  return others.size === 0 ? none : `${none} There are some of ${[...others].sort(compareCodeUnits).join(', ')}.`;
}

/** A resource for machines: keys in this order, absent values null. */
function resourceRow(resource: ListedResource): { readonly [key: string]: unknown } {
  const { id, name, type, state, aggregatedState, projectId, host, vitrageId, server, size, attachments } = resource;
  return {
    id: id ?? null,
    name: name ?? null,
    type,
    state: state ?? null,
    aggregated_state: aggregatedState ?? null,
    project_id: projectId ?? null,
    host: host ?? null,
    vitrage_id: vitrageId,
    ...(type === 'neutron.port' ? { server: server ?? null } : {}),
    ...(type === 'cinder.volume' ? { size: size ?? null, attachments: attachments ?? [] } : {}),
  };
}

function columns({ paint }: Terminal): Column<ListedResource>[] {
  const paintBy = (text: string, { operationalState }: ListedResource): string =>
    paintState(paint, operationalState ?? '', text);
  return [
    { title: 'TYPE', value: ({ type }) => type },
    { title: 'NAME', value: ({ name }) => name ?? '', isFlexible: true },
    { title: 'STATE', value: stateOf, paint: paintBy },
    { title: 'MEANS', value: ({ operationalState }) => operationalState ?? '', paint: paintBy },
    { title: 'HOST', isOptional: true, value: ({ host }) => host ?? '' },
    { title: 'ID', value: ({ id, vitrageId }) => id ?? vitrageId, isFlexible: true, paint: (text) => paint.dim(text) },
    { title: 'PROJECT', isOptional: true, value: ({ projectId }) => projectId ?? '', paint: (text) => paint.dim(text) },
  ];
}
