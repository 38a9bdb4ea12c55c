import { Descriptions } from '@wherefore/graph';
import fc from 'fast-check';
import { LogScript, zone } from './cloudScript.sim';
import { Listings } from './listings';
import { answerFrom, answerQuestion, type Question } from './questions';
import { cloudHistory, deedEntry } from './randomCloud.sim';
import { initialState } from './state';
import { step } from './step';

const QUESTIONS: readonly Question[] = [{ ask: 'alarms' }, { ask: 'resources' }, { ask: 'graph' }];

describe('descriptions', () => {
  it('are never of what a vertex was before', () => {
    fc.assert(
      fc.property(cloudHistory(40), (deeds) => {
        const script = new LogScript();
        const state = initialState();
        const descriptions = new Descriptions();
        for (const deed of deeds) {
          step(state, deedEntry(script, deed));
          for (const question of QUESTIONS) {
            expect(answerFrom(state, question, descriptions)).toEqual(answerQuestion(state, question));
          }
        }
      }),
      { numRuns: 12 },
    );
  });

  it('are the same object while nothing changes', () => {
    const script = new LogScript();
    const state = initialState();
    const descriptions = new Descriptions();
    step(state, script.event(zone('z1', { h1: true })));
    const first = answerFrom(state, { ask: 'resources' }, descriptions) as readonly object[];
    const again = answerFrom(state, { ask: 'resources' }, descriptions) as readonly object[];
    expect(first.length).toBeGreaterThan(0);
    first.forEach((properties, at) => expect(again[at]).toBe(properties));
  });
});

describe('listings', () => {
  it('are what the question answers after every step, and the same elements where they are equal', () => {
    fc.assert(
      fc.property(cloudHistory(40), (deeds) => {
        const script = new LogScript();
        const state = initialState();
        // One is asked after every step, the other after several.
        const [often, seldom] = [new Listings(), new Listings()];
        const types = ['nova.host', 'nova.instance', 'vitrage', 'nothing.at.all'];
        const lists = (listings: Listings) => [
          listings.alarms(state),
          listings.resources(state),
          listings.graph(state),
          ...types.map((type) => listings.resources(state, type)),
        ];
        for (const [at, deed] of deeds.entries()) {
          step(state, deedEntry(script, deed));
          const questions: Question[] = [
            { ask: 'alarms' },
            { ask: 'resources' },
            { ask: 'graph' },
            ...types.map((type): Question => ({ ask: 'resources', type })),
          ];
          const answers = questions.map((question) => answerQuestion(state, question));
          expect(lists(often)).toEqual(answers);
          if (at % 4 === 3) expect(lists(seldom)).toEqual(answers);
        }
      }),
      { numRuns: 12 },
    );
  });

  it('are the same array until something of them changes, and then keep the elements that did not', () => {
    const script = new LogScript();
    const state = initialState();
    const listings = new Listings();
    step(state, script.event(zone('z1', { h1: true, h2: true })));
    const hosts = listings.resources(state, 'nova.host');
    expect(hosts).toHaveLength(2);
    step(state, script.event(zone('z2', { h3: true })));
    const more = listings.resources(state, 'nova.host');
    expect(more).toHaveLength(3);
    expect(more.slice(0, 2)).toEqual(hosts);
    const zones = listings.resources(state, 'nova.zone');
    step(state, script.event(zone('z2', { h3: true, h4: true })));
    expect(listings.resources(state, 'nova.zone')).not.toBe(zones);
    expect(listings.resources(state, 'nova.zone')[0]).toBe(zones[0]);
    expect(listings.resources(state, 'nova.zone')).toBe(listings.resources(state, 'nova.zone'));
    expect(listings.resources(state, 'nova.host')).toHaveLength(4);
    expect(listings.alarms(state)).toBe(listings.alarms(state));
  });

  it('begin again with another state', () => {
    const script = new LogScript();
    const [one, other] = [initialState(), initialState()];
    const listings = new Listings();
    step(one, script.event(zone('z1', { h1: true })));
    step(other, new LogScript().event(zone('z1', { h2: true })));
    expect(listings.resources(one, 'nova.host').map(({ id }) => id)).toEqual(['h1']);
    expect(listings.resources(other, 'nova.host').map(({ id }) => id)).toEqual(['h2']);
  });
});
