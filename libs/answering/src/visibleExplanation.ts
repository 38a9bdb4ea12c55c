import type { Deduction, ExplainedAlarm, ExplainedLink, Explanation } from '@wherefore/engine';
import { compareCodeUnits, pushTo, type Properties } from '@wherefore/model';
import { visibleCauses } from './visibleCauses';
import { isListed, mainResource, ownershipOf, type ProjectViewer, type Viewer } from './viewer';

/** So many alarms are fetched before those of other projects are taken out. */
export const FETCHED_ALARMS_MAX = 50_000;

/** What an explanation becomes for a viewer. */
export interface VisibleExplanation {
  readonly explanation: Explanation;
  /** Keys of the entities that entries may be told of; `undefined` for all. */
  readonly toldKeys: ReadonlySet<string> | undefined;
}

/**
 * Takes out what the viewer may not see: alarms of other projects and whatever hangs together with the
 * asked one only through them, their resources, and what stood for a symbol. The cut at `alarmsMax`, and
 * the number of those left out, count what is visible only. `undefined` when the asked one is not.
 */
export function visibleExplanation(
  explanation: Explanation,
  viewer: Viewer,
  alarmsMax: number,
): VisibleExplanation | undefined {
  if (viewer.sees === 'everything') return { explanation, toldKeys: undefined };
  const { askedId } = explanation;
  const explained = new Map(explanation.alarms.map((alarm) => [idOf(alarm.properties), alarm]));
  const placed = new Map(
    [...explained].map(([id, { properties, resources }]) => [id, { properties, resource: mainResource(resources) }]),
  );
  const shown = visibleCauses(placed, explanation.links, viewer);
  if (!shown.has(askedId)) return undefined;
  const links = explanation.links.filter(({ sourceId, targetId }) => shown.has(sourceId) && shown.has(targetId));
  const { chosen, rootIds, omitted } = choose(askedId, links, alarmsMax);
  const scope = new Scope(viewer, shown);
  const alarms = [...chosen].sort(compareCodeUnits).map((id) => scope.alarm(explained.get(id)!));
  const chosenLinks = links
    .filter(({ sourceId, targetId }) => chosen.has(sourceId) && chosen.has(targetId))
    .map((link): ExplainedLink => ({ ...link, deducedBy: link.deducedBy.map((each) => scope.deduction(each)) }));
  return { explanation: { askedId, rootIds, alarms, links: chosenLinks, omitted }, toldKeys: scope.toldKeys };
}

function idOf(properties: Properties): string {
  return String(properties['vitrage_id']);
}

/** The rule of `explainAlarm`: all causes, then effects, the closest first. */
function choose(
  askedId: string,
  links: readonly ExplainedLink[],
  max: number,
): { readonly chosen: ReadonlySet<string>; readonly rootIds: readonly string[]; readonly omitted: number } {
  const causes = new Map<string, string[]>();
  const effects = new Map<string, string[]>();
  for (const { sourceId, targetId } of links) {
    pushTo(causes, targetId, sourceId);
    pushTo(effects, sourceId, targetId);
  }
  const chosen = reach([askedId], causes);
  const roots = [...chosen].filter((id) => !causes.has(id));
  if (roots.length === 0) roots.push(askedId);
  const omitted = new Set<string>();
  for (const id of [...reach([askedId], effects), ...reach(roots, effects)]) {
    if (chosen.has(id)) continue;
    if (chosen.size < max) chosen.add(id);
    else omitted.add(id);
  }
  return { chosen, rootIds: roots.sort(compareCodeUnits), omitted: omitted.size };
}

function reach(from: readonly string[], next: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set(from);
  for (const id of reached) for (const other of next.get(id) ?? []) reached.add(other);
  return reached;
}

/** Copies what is visible, and gathers the keys of it. */
class Scope {
  readonly toldKeys = new Set<string>();

  constructor(
    private readonly viewer: ProjectViewer,
    private readonly shownAlarms: ReadonlySet<string>,
  ) {}

  alarm(alarm: ExplainedAlarm): ExplainedAlarm {
    this.toldKeys.add(alarm.key);
    const resources = alarm.resources.filter((resource) => this.isShown(resource));
    for (const { vitrage_type: type, id } of resources) this.toldKeys.add(`RESOURCE:${String(type)}:${String(id)}`);
    return { ...alarm, resources, deducedBy: alarm.deducedBy.map((each) => this.deduction(each)) };
  }

  deduction(deduction: Deduction): Deduction {
    const bindings = deduction.bindings.filter(({ properties }) => this.isShown(properties));
    for (const { key } of bindings) this.toldKeys.add(key);
    return { ...deduction, bindings };
  }

  /** What an explanation names: what is listed, and the infrastructure that it leads over. */
  private isShown(properties: Properties): boolean {
    if (properties['vitrage_category'] === 'ALARM') return this.shownAlarms.has(idOf(properties));
    return isListed(properties, this.viewer) || ownershipOf(properties, this.viewer) === 'infrastructure';
  }
}
