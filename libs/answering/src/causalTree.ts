import type { AlarmView, CauseNode, DeductionView, ResourceView } from '@wherefore/contract';
import type { Deduction, ExplainedAlarm, Explanation } from '@wherefore/engine';
import type { EntryBook } from './entryBook';
import { alarmView, compareAlarms, compareResources, placedEntity, resourceView } from './views';

/** Numbers of all entries that an explanation points to. */
export function ordinalsOf({ alarms, links }: Explanation): number[] {
  const deductions = [...alarms, ...links].flatMap(({ deducedBy }) => deducedBy);
  return [
    ...alarms.flatMap(({ bornAt, changedAt }) => [bornAt, changedAt]),
    ...deductions.flatMap(({ since, entries }) => [since, ...entries]),
  ];
}

/**
 * Turns the web of an explanation into trees, root causes on top. An alarm with several causes hangs
 * under each of them; what it caused itself is listed where it is met first, reading downwards.
 */
export class CausalTree {
  readonly asked: AlarmView;
  readonly roots: readonly CauseNode[];
  /** Resources that the alarms are on. */
  readonly affected: readonly ResourceView[];

  private readonly explained: ReadonlyMap<string, ExplainedAlarm>;
  private readonly views: ReadonlyMap<string, AlarmView>;
  private readonly effects = new Map<string, string[]>();
  private readonly causes = new Map<string, string[]>();
  private readonly whyLinked = new Map<string, readonly Deduction[]>();
  private readonly met = new Set<string>();

  constructor(
    private readonly explanation: Explanation,
    private readonly book: EntryBook,
  ) {
    const { alarms, links, askedId } = explanation;
    this.explained = new Map(alarms.map((alarm) => [String(alarm.properties['vitrage_id']), alarm]));
    this.views = new Map(
      [...this.explained].map(([id, { properties, resources, bornAt }]) => [
        id,
        alarmView(properties, resources, book.timeOf(bornAt)),
      ]),
    );
    for (const { sourceId, targetId, deducedBy } of links) {
      this.effects.set(sourceId, [...(this.effects.get(sourceId) ?? []), targetId]);
      this.causes.set(targetId, [...(this.causes.get(targetId) ?? []), sourceId]);
      this.whyLinked.set(`${sourceId}/${targetId}`, deducedBy);
    }
    this.asked = this.views.get(askedId)!;
    this.roots = this.build(this.chooseRoots());
    this.affected = this.collectResources();
  }

  private build(rootIds: readonly string[]): CauseNode[] {
    const roots = rootIds.map((id) => this.node(id, undefined));
    const [first, ...others] = roots;
    if (first === undefined || this.explanation.omitted === 0) return roots;
    return [{ ...first, effectsOmitted: this.explanation.omitted }, ...others];
  }

  private node(id: string, parentId: string | undefined): CauseNode {
    const { bornAt, changedAt, deducedBy } = this.explained.get(id)!;
    const effects = this.sorted(this.effects.get(id) ?? []);
    const repeated = this.met.has(id);
    this.met.add(id);
    return {
      alarm: this.views.get(id)!,
      asked: id === this.explanation.askedId,
      deducedBy: deducedBy.map((each) => this.deduction(each)),
      events: deducedBy.length > 0 ? [] : this.book.refs([bornAt, changedAt]),
      causedBy: (this.whyLinked.get(`${parentId}/${id}`) ?? []).map((each) => this.deduction(each)),
      repeated: repeated && effects.length > 0,
      effectsOmitted: 0,
      effects: repeated ? [] : effects.map((effect) => this.node(effect, id)),
    };
  }

  /**
   * The engine's roots, the worst first. Alarms that cause each other in a ring have none: then one
   * of the ring stands for it, so that every cause of the asked alarm is in the answer.
   */
  private chooseRoots(): string[] {
    const { rootIds, askedId } = this.explanation;
    const real = rootIds.filter((id) => (this.causes.get(id) ?? []).length === 0);
    const roots = this.sorted(real);
    const below = this.reach(roots, this.effects);
    const above = this.sorted([...this.reach([askedId], this.causes)].filter((id) => id !== askedId));
    for (const id of [...above, askedId]) {
      if (below.has(id)) continue;
      roots.push(id);
      for (const other of this.reach([id], this.effects)) below.add(other);
    }
    return roots;
  }

  private reach(from: readonly string[], next: ReadonlyMap<string, readonly string[]>): Set<string> {
    const reached = new Set(from);
    for (const id of reached) for (const neighbour of next.get(id) ?? []) reached.add(neighbour);
    return reached;
  }

  private sorted(ids: readonly string[]): string[] {
    return [...ids].sort((a, b) => compareAlarms(this.views.get(a)!, this.views.get(b)!));
  }

  private deduction({
    template,
    scenario,
    action,
    condition,
    since,
    decides,
    bindings,
    entries,
  }: Deduction): DeductionView {
    return {
      template,
      scenario,
      action,
      condition,
      since: this.book.timeOf(since),
      decides,
      bindings: bindings.map(({ symbol, properties }) => ({ symbol, ...placedEntity(properties) })),
      events: this.book.refs(entries),
    };
  }

  private collectResources(): ResourceView[] {
    const found = new Map<string, ResourceView>();
    for (const id of this.met) {
      for (const properties of this.explained.get(id)!.resources) {
        const view = resourceView(properties);
        found.set(view.vitrageId, view);
      }
    }
    return [...found.values()].sort(compareResources);
  }
}
