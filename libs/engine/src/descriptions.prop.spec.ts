import { Descriptions } from '@wherefore/graph';
import fc from 'fast-check';
import { LogScript, zone } from './cloudScript.sim';
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
