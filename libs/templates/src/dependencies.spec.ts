import fc from 'fast-check';
import { compileTemplates } from './compile';
import { analyseDependencies } from './dependencies';
import { loadTemplates } from './loadTemplates';
import { stratify } from './strata';

const ENTITIES = {
  nagios: '{category: ALARM, type: nagios, name: x}',
  x: '{category: ALARM, type: vitrage, name: x}',
  y: '{category: ALARM, type: vitrage, name: y}',
  critical: '{category: ALARM, type: vitrage, name: x, severity: CRITICAL}',
  any: '{category: ALARM}',
  named: '{name.regex: "x|z"}',
  host: '{type: nova.host}',
  failing: '{type: nova.host, aggregated_state: ERROR}',
  marked: '{type: nova.host, is_marked_down: "True"}',
  unmarked: '{type: nova.host, is_marked_down: "False"}',
  instance: '{type: nova.instance}',
};

/** One template with a scenario for each line `condition -> action`. */
function analyse(...lines: string[]) {
  const scenarios = lines.map((line) => {
    const [condition, action] = line.split(' -> ');
    return `- condition: ${condition}\n  actions:\n  - ${action}\n`;
  });
  const entities = Object.entries(ENTITIES).map(([id, properties]) => `  ${id}: ${properties}\n`);
  const text = `metadata: {version: 3, name: t, type: standard}\nentities:\n${entities.join('')}scenarios:\n${scenarios.join('')}`;
  const set = loadTemplates([{ path: 't', text }], []);
  const refused = set.outcomes.find(({ kind }) => kind === 'refused');
  if (refused) throw new Error(JSON.stringify(refused.validation));
  return analyseDependencies(compileTemplates(set.templates).scenarios);
}

const raise = (name: string, target: string): string =>
  `raise_alarm: {target: ${target}, alarm_name: ${name}, severity: WARNING}`;

describe('analyseDependencies', () => {
  it('sees nothing between templates that only read what sources say', () => {
    expect(
      analyse(
        `nagios [on] host -> ${raise('x', 'host')}`,
        `nagios [on] host -> ${raise('y', 'instance')}`.replace('host ->', 'host and host [contains] instance ->'),
      ),
    ).toEqual({
      cyclic: [false, false],
      stratum: [0, 0],
      unstratified: [false, false],
    });
  });

  it('finds a scenario that feeds itself, by alarm name', () => {
    expect(analyse(`x [on] host -> ${raise('x', 'host')}`).cyclic).toEqual([true]);
    expect(analyse(`x [on] host -> ${raise('y', 'host')}`).cyclic).toEqual([false]);
    expect(analyse(`any [on] host -> ${raise('y', 'host')}`).cyclic).toEqual([true]);
    expect(analyse(`named [on] host -> ${raise('z', 'host')}`).cyclic).toEqual([true]);
    expect(analyse(`named [on] host -> ${raise('y', 'host')}`).cyclic).toEqual([false]);
    expect(analyse(`x [on] host -> ${raise('"get_attr(host, name)"', 'host')}`).cyclic).toEqual([true]);
  });

  it('tells apart what the alarm is raised on', () => {
    const down = `any [on] host and host [contains] instance -> ${raise('x', 'instance')}`;
    expect(analyse(down).cyclic).toEqual([false]);
    expect(analyse(down, `any [on] instance and host [contains] instance -> ${raise('x', 'host')}`).cyclic).toEqual([
      true,
      true,
    ]);
  });

  it('finds longer cycles, and who is on them', () => {
    const result = analyse(
      `x [on] host -> ${raise('y', 'host')}`,
      `y [on] host -> ${raise('x', 'host')}`,
      `x [on] host -> ${raise('w', 'host')}`,
    );
    expect(result.cyclic).toEqual([true, true, false]);
    expect(result.unstratified).toEqual([false, false, false]);
    expect(result.stratum).toEqual([0, 0, 0]);
  });

  it('puts those that deny an alarm above those that raise it', () => {
    const result = analyse(
      `host and not x [on] host -> ${raise('y', 'host')}`,
      `nagios [on] host -> ${raise('x', 'host')}`,
      `host and not y [on] host -> mark_down: {target: host}`,
    );
    expect(result.stratum).toEqual([1, 0, 2]);
    expect(result.unstratified).toEqual([false, false, false]);
  });

  it('calls a scenario that denies what it brings about unstratified', () => {
    const result = analyse(`host and not x [on] host -> ${raise('x', 'host')}`);
    expect(result).toEqual({ cyclic: [true], stratum: [0], unstratified: [true] });
    const elsewhere = `host [contains] instance and not x [on] host -> ${raise('x', 'instance')}`;
    expect(analyse(elsewhere).cyclic).toEqual([false]);
  });

  it('minds an alarm that other things must not be on', () => {
    const result = analyse(
      `host and not nagios [on] x -> ${raise('y', 'host')}`,
      `nagios [on] host -> ${raise('x', 'host')}`,
    );
    expect(result).toEqual({ cyclic: [false, false], stratum: [1, 0], unstratified: [false, false] });
  });

  it('answers for as many scenarios as a large cloud has', () => {
    const lines = Array.from({ length: 600 }, (_, index) => `named [on] host -> ${raise(`w${index}`, 'host')}`);
    expect(analyse(...lines).cyclic).not.toContain(true);
  });

  it('takes states and severities for strict: only the highest shows', () => {
    const states = analyse('failing -> set_state: {target: failing, state: SUBOPTIMAL}');
    expect(states).toEqual({ cyclic: [true], stratum: [0], unstratified: [true] });
    const other = 'failing and failing [contains] instance -> set_state: {target: instance, state: ERROR}';
    expect(analyse(other).cyclic).toEqual([false]);
    expect(analyse(`critical [on] host -> ${raise('x', 'host')}`).unstratified).toEqual([true]);
    expect(
      analyse(`nagios [on] host -> ${raise('x', 'host')}`, 'critical [on] host -> mark_down: {target: host}').stratum,
    ).toEqual([0, 1]);
  });

  it('follows marks, which only add', () => {
    const result = analyse('marked -> mark_down: {target: marked}', 'unmarked -> mark_down: {target: unmarked}');
    expect(result.cyclic).toEqual([true, true]);
    expect(analyse('marked -> mark_down: {target: marked}').unstratified).toEqual([false]);
    expect(analyse('unmarked -> mark_down: {target: unmarked}').unstratified).toEqual([true]);
  });

  it('follows causal links, made outright or by a raised alarm', () => {
    const link = 'x [on] host and y [on] host -> add_causal_relationship: {source: x, target: y}';
    expect(analyse(link, 'x [causes] y -> add_causal_relationship: {source: y, target: x}').cyclic).toEqual([
      false,
      false,
    ]);
    expect(analyse('x [causes] y -> add_causal_relationship: {source: x, target: y}').cyclic).toEqual([true]);
    const denied =
      'x [on] host and y [on] host and not x [causes] y -> add_causal_relationship: {source: x, target: y}';
    expect(analyse(denied).unstratified).toEqual([true]);
    const caused = 'raise_alarm: {target: host, alarm_name: y, severity: s, causing_alarm: x}';
    expect(analyse(`x [on] host -> ${caused}`, 'x [causes] y -> mark_down: {target: x}').stratum).toEqual([0, 0]);
    expect(analyse(`x [on] host and not x [causes] y -> ${caused}`).unstratified).toEqual([true]);
  });

  it('counts what an action reads of a match as read', () => {
    const named = 'raise_alarm: {target: host, alarm_name: "get_attr(host, vitrage_state)", severity: s}';
    const result = analyse(
      'x [on] host -> set_state: {target: host, state: ERROR}',
      `host and y [on] host -> ${named}`,
    );
    expect(result).toEqual({ cyclic: [true, true], stratum: [0, 0], unstratified: [true, true] });
  });

  it('answers for the three levels of a chain', () => {
    const result = analyse(
      `nagios [on] host -> ${raise('x', 'host')}`,
      `x [on] host and host [contains] instance -> ${raise('y', 'instance')}`,
      'y [on] instance -> mark_down: {target: instance}',
    );
    expect(result).toEqual({ cyclic: [false, false, false], stratum: [0, 0, 0], unstratified: [false, false, false] });
  });
});

describe('stratify', () => {
  const edges = (count: number) =>
    fc.array(fc.record({ from: fc.nat(count - 1), to: fc.nat(count - 1), strict: fc.boolean() }), { maxLength: 20 });

  it('agrees with reachability', () => {
    fc.assert(
      fc.property(edges(7), (all) => {
        const reach = Array.from({ length: 7 }, (_, from) =>
          Array.from({ length: 7 }, (__, to) => all.some((edge) => edge.from === from && edge.to === to)),
        );
        for (let via = 0; via < 7; via++)
          for (let from = 0; from < 7; from++)
            for (let to = 0; to < 7; to++) if (reach[from]![via] && reach[via]![to]) reach[from]![to] = true;
        const { cyclic, stratum, unstratified } = stratify(7, all);
        for (let node = 0; node < 7; node++) {
          expect(cyclic[node]).toBe(reach[node]![node]);
          const together = (a: number, b: number): boolean => a === b || (reach[a]![b]! && reach[b]![a]!);
          const broken = all.some(
            ({ from, to, strict }) =>
              strict && together(from, node) && together(to, node) && (from === to || reach[to]![from]!),
          );
          expect(unstratified[node]).toBe(broken);
        }
        for (const { from, to, strict } of all) {
          const sameComponent = from === to || (reach[from]![to]! && reach[to]![from]!);
          if (sameComponent) expect(stratum[to]).toBe(stratum[from]);
          else expect(stratum[to]!).toBeGreaterThanOrEqual(stratum[from]! + (strict ? 1 : 0));
        }
      }),
    );
  });

  it('follows chains longer than a call stack', () => {
    const count = 100_000;
    const chain = Array.from({ length: count - 1 }, (_, from) => ({ from, to: from + 1, strict: true }));
    const { stratum } = stratify(count, chain);
    expect(stratum[count - 1]).toBe(count - 1);
    expect(stratify(count, [...chain, { from: count - 1, to: 0, strict: false }]).unstratified[5]).toBe(true);
  });
});
