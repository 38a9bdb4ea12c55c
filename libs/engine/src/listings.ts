import { Descriptions, type Vertex } from '@wherefore/graph';
import type { Properties } from '@wherefore/model';
import { GraphListing } from './graphListing';
import { Listing } from './listing';
import {
  type Describe,
  type GraphAnswer,
  listAlarm,
  type ListedAlarm,
  resourcesOf,
  resourceSortKey,
} from './questions';
import type { EngineState } from './state';

/**
 * The lists of a live state that are asked for again and again. A list is the same array, and each of its elements the
 * same object, for as long as nothing of it changed. Whoever gets one changes nothing of it. To be asked between steps
 * only.
 */
export class Listings {
  private readonly alarmList: Listing<ListedAlarm>;
  private readonly resourceLists = new Map<string, Listing<Properties>>();
  private readonly allResources: Listing<Properties>;
  private readonly graphList: GraphListing;
  private web: { readonly alarms: readonly ListedAlarm[]; readonly causes: number } = { alarms: [], causes: 0 };

  constructor(private readonly descriptions = new Descriptions()) {
    const { of } = descriptions;
    this.alarmList = new Listing<ListedAlarm>({
      candidates: ({ graph }) => graph.alarms(),
      isCandidate: ({ category }) => category === 'ALARM',
      isListed: (alarm) => !alarm.isPlaceholder,
      rankOf: ({ bornAt }) => bornAt,
      sortKeyOf: ({ id }) => id,
      tell: (alarm, before) =>
        before !== undefined && isAsBefore(alarm, before, of) ? before : listAlarm(alarm, resourcesOf(alarm), of),
      tellsTarget: true,
    });
    this.allResources = this.resourceList(
      ({ graph }) => graph.vertices(),
      () => true,
    );
    this.graphList = new GraphListing(descriptions);
  }

  /** What the question `alarms` answers. */
  alarms(state: EngineState): readonly ListedAlarm[] {
    return this.alarmList.of(state);
  }

  /** The same object for as long as `alarms` gives the same, and no causal link came or went. */
  causes(state: EngineState): object {
    const alarms = this.alarms(state);
    const { causes } = state.graph.journal;
    if (alarms !== this.web.alarms || causes !== this.web.causes) this.web = { alarms, causes };
    return this.web;
  }

  /** What the question `graph` answers. */
  graph(state: EngineState): GraphAnswer {
    return this.graphList.of(state);
  }

  /** What the question `resources` answers, of one type or of all. */
  resources(state: EngineState, type?: string): readonly Properties[] {
    if (type === undefined) return this.allResources.of(state);
    let listing = this.resourceLists.get(type);
    if (listing === undefined) {
      // A type that nothing is of is anybody's word: nothing is kept of it.
      if (![...state.graph.typeNames()].includes(type)) return NONE;
      listing = this.resourceList(
        ({ graph }) => graph.verticesOfType(type),
        (vertex) => vertex.type === type,
      );
      this.resourceLists.set(type, listing);
    }
    return listing.of(state);
  }

  private resourceList(
    candidates: (state: EngineState) => Iterable<Vertex>,
    isCandidate: (vertex: Vertex) => boolean,
  ): Listing<Properties> {
    return new Listing<Properties>({
      candidates,
      isCandidate,
      isListed: ({ category }) => category === 'RESOURCE',
      rankOf: () => 0,
      sortKeyOf: resourceSortKey,
      tell: this.descriptions.of,
      tellsTarget: false,
    });
  }
}

const NONE: readonly Properties[] = [];

function isAsBefore(alarm: Vertex, before: ListedAlarm, describe: Describe): boolean {
  if (describe(alarm) !== before.properties || alarm.changedAt !== before.changedAt) return false;
  const now = resourcesOf(alarm);
  return now.length === before.resources.length && now.every((each, at) => describe(each) === before.resources[at]);
}
