import type { WhyAnswer } from '@wherefore/contract';
import { recordingTerminal, type RecordingOptions } from '../terminal/recordingTerminal.sim';
import { formatClock } from '../time/formatTime';
import { alarm, deduction, event, node, resource, whyAnswer } from './answers.sim';
import { renderWhy } from './whyAnswer';

const host = resource('nova.host', 'host-1');
const down = { ...alarm('Host down', host), type: 'nagios' };
const raised = event(214, 'nagios update "Host down" on host-1');

function draw(answer: WhyAnswer, options: RecordingOptions & { isFull?: boolean } = {}): string[] {
  const { isFull = false, ...window } = options;
  return renderWhy(answer, recordingTerminal(window).terminal, { isFull }).split('\n');
}

/** Times are shown in the zone of whoever runs the test. */
function clock(time: string): string {
  return formatClock(Date.parse(`2026-11-21T${time}Z`));
}

/** Instances, the third of which was asked about. */
function outage(instances: number, asked = 3): WhyAnswer {
  const effects = Array.from({ length: instances }, (_, i) => {
    const vm = resource('nova.instance', `vm-${i + 1}`);
    return node(alarm('Instance unreachable', vm, 'WARNING', '17:22:00'), {
      asked: i + 1 === asked,
      deducedBy: [
        deduction('host_down', [event(31 + i, `nova.instance create vm-${i + 1}`, '17:03:00', '17:03:00'), raised]),
      ],
    });
  });
  const root = node(down, { events: [raised], effects });
  const { alarm: unreachable } = effects[asked - 1] ?? effects[0]!;
  return whyAnswer(unreachable, [root], { affected: effects.map(({ alarm: { resource: place } }) => place!) });
}

describe('the answer to "why?"', () => {
  it('gives the moment and the position first, then the conclusion', () => {
    const [moment, , question, because] = draw(outage(3));
    expect(moment).toContain(` ${clock('17:26:59')} `);
    expect(moment).toContain(`known: entry 1 482 of ${clock('17:26:41')}, position 1.482.0`);
    expect(question).toBe('Why Instance unreachable on nova.instance vm-3?');
    expect(because).toBe(`Because Host down on nova.host host-1 since ${clock('17:21:00')}, 60 s before it.`);
  });

  it('draws the root cause on top, and the asked alarm first among its effects, marked', () => {
    const lines = draw(outage(3)).slice(5);
    expect(lines).toEqual([
      `● CRITICAL Host down on nova.host host-1 (ERROR) · Active since ${clock('17:21:00')}`,
      '│ reported by nagios',
      `│ ← #214 ${clock('17:20:58')} nagios update "Host down" on host-1`,
      `├─ ● WARNING Instance unreachable on nova.instance vm-3 (ERROR) · Active since ${clock('17:22:00')} ◀ asked`,
      '│    deduced by host_down › scenario0',
      '│      because alarm on host AND host contains instance',
      `│    ← #33  ${clock('17:03:00')} nova.instance create vm-3`,
      `│    ← #214 ${clock('17:20:58')} nagios update "Host down" on host-1`,
      `├─ ● WARNING Instance unreachable on nova.instance vm-1 (ERROR) · Active since ${clock('17:22:00')}`,
      `└─ ● WARNING Instance unreachable on nova.instance vm-2 (ERROR) · Active since ${clock('17:22:00')}`,
      '',
      'Affected  3 resources: nova.instance 3 ERROR',
      '',
    ]);
  });

  it('shows the way from the root to the asked alarm where it is longer than a step', () => {
    const vm = resource('nova.instance', 'vm-1');
    const stack = resource('heat.stack', 'shop');
    const asked = alarm('Application degraded', stack);
    const answer = whyAnswer(asked, [
      node(down, { effects: [node(alarm('Instance down', vm), { effects: [node(asked, { asked: true })] })] }),
    ]);
    expect(draw(answer)).toContain('  Host down (host-1) → Instance down (vm-1) → Application degraded (shop)');
  });

  it('counts alike effects instead of listing hundreds, but never the asked one', () => {
    const lines = draw(outage(200, 150)).join('\n');
    expect(lines.match(/● WARNING/g)).toHaveLength(5);
    expect(lines).toContain('vm-150 (ERROR) · Active since');
    expect(lines).toContain('… 195 more Instance unreachable (--all shows them)');
    expect(
      draw(outage(200), { isFull: true })
        .join('\n')
        .match(/● WARNING/g),
    ).toHaveLength(200);
  });

  it('says how many effects the answer itself leaves out', () => {
    const answer = whyAnswer(down, [node(down, { asked: true, effectsOmitted: 12 })]);
    expect(draw(answer).join('\n')).toContain('└─ … 12 more effects (raise --limit)');
  });

  it('says of a root cause that it is one', () => {
    expect(draw(whyAnswer(down, [node(down, { asked: true })])).join('\n')).toContain(
      'Nothing is known to have caused it: it is a root cause itself.',
    );
  });

  it('names every root where there are several', () => {
    const power = alarm('Power failure', host, 'CRITICAL', '17:20:00');
    const asked = alarm('Instance down', resource('nova.instance', 'vm-1'));
    const effect = node(asked, { asked: true });
    const lines = draw(
      whyAnswer(asked, [node(power, { effects: [effect] }), node(down, { effects: [{ ...effect, repeated: true }] })]),
    );
    expect(lines.filter((line) => line.startsWith('Because'))).toHaveLength(2);
    expect(lines.join('\n')).toContain('its effects are shown above');
  });

  it('shows warnings before the answer', () => {
    const base = outage(1, 1);
    const warned = { ...base, answeredAt: { ...base.answeredAt, warnings: ['nova was silent'] } };
    expect(draw(warned)[1]).toBe('! nova was silent');
  });

  it('tells when something became known much later than it happened', () => {
    const late = event(214, 'nagios', '17:10:00', '17:21:00');
    const lines = draw(whyAnswer(down, [node(down, { asked: true, events: [late] })])).join('\n');
    expect(lines).toContain(`← #214 ${clock('17:10:00')} nagios (known ${clock('17:21:00')})`);
  });

  it('takes several matches of one scenario for one reason, and shows bindings only when all is asked for', () => {
    const asked = alarm('Tenant degraded', resource('openstack.project', 'bank'));
    const answer = whyAnswer(asked, [
      node(asked, { asked: true, deducedBy: [deduction('tenant'), deduction('tenant'), deduction('other')] }),
    ]);
    const lines = draw(answer).join('\n');
    expect(lines).toContain('deduced by tenant › scenario0 (2 matches)');
    expect(lines).toContain('also by other › scenario0');
    expect(lines).not.toContain('with host');
    expect(draw(answer, { isFull: true }).join('\n')).toContain('with host = nova.host host-1');
  });

  it('tells what the source says of a state that is bad by itself, and nothing where something else made it bad', () => {
    const reason = 'Resource CREATE failed: ResourceInError: resources.server: No valid host was found';
    const stack = { ...resource('heat.stack', 'shop', 'CREATE_FAILED'), state: 'CREATE_FAILED', reason };
    const drawn = (on: typeof stack, options: RecordingOptions = {}) =>
      draw(whyAnswer(alarm('Stack failed', on), [node(alarm('Stack failed', on), { asked: true })]), options);
    expect(drawn(stack)).toContain(`  heat says: ${reason}`);
    const narrow = drawn(stack, { isTTY: true, columns: 50, env: { NO_COLOR: '1' } });
    const first = narrow.findIndex((line) => line.includes('heat says'));
    expect(narrow.slice(first, first + 3)).toEqual([
      '  heat says: Resource CREATE failed:',
      '    ResourceInError: resources.server: No valid',
      '    host was found',
    ]);
    const fine = { ...stack, state: 'CREATE_COMPLETE' };
    expect(drawn({ ...fine, aggregatedState: 'SUBOPTIMAL', operationalState: 'SUBOPTIMAL' }).join()).not.toContain(
      'says',
    );
    expect(drawn({ ...fine, aggregatedState: 'CREATE_COMPLETE', operationalState: 'OK' }).join()).not.toContain('says');
    expect(drawn({ ...stack, reason: 'a\n\u001b[2Jb' }).join('\n')).not.toMatch(/\u001b|\nb/);
  });

  it('names the scenario that linked two alarms where another one raised them', () => {
    const asked = { ...alarm('Host unreachable', host), type: 'nagios' };
    const answer = whyAnswer(asked, [
      node(down, { effects: [node(asked, { asked: true, causedBy: [deduction('links')] })] }),
    ]);
    expect(draw(answer).join('\n')).toContain('linked by links › scenario0');
  });

  it('calls a resource without a name by its id', () => {
    const port = { ...resource('neutron.port', 'p-1'), name: '' };
    const asked = alarm('Port down', port);
    expect(draw(whyAnswer(asked, [node(asked, { asked: true })])).join('\n')).toContain('on neutron.port p-1');
  });

  it.each([70, 80, 120])('fits a window of %i columns', (columns) => {
    const lines = draw(outage(8), { isTTY: true, columns, env: { NO_COLOR: '1' } });
    const tree = lines.slice(2).filter((line) => !/^(Because|Why)/.test(line));
    expect(tree.filter((line) => [...line].length > columns)).toEqual([]);
  });

  it('cannot be drawn over by the names that sources give', () => {
    const evil = alarm('Down\u001b[2J\nfake line', host);
    const text = draw(whyAnswer(evil, [node(evil, { asked: true })])).join('\n');
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\nfake line');
  });

  it('names the tenants that are met, by id where nobody told the name', () => {
    const { answeredAt, asked, roots, affected } = outage(1);
    const tenants = [
      { projectId: 'p-1', name: 'bank', resources: 7 },
      { projectId: 'p-2', resources: 1 },
    ];
    const lines = draw({ answeredAt, asked, roots, affected, tenants });
    expect(lines).toContain('Tenants   2 projects: bank 7 · p-2 1');
    expect(draw(outage(1)).join()).not.toContain('Tenants');
  });
});
