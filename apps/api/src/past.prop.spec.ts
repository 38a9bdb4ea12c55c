import type { Json, JsonObject } from '@wherefore/model';
import fc from 'fast-check';
import { POWER_TEMPLATE, host, instance, power } from './testing/cloud.sim';
import { startRig, type Rig } from './testing/rig.sim';

const HOSTS = ['host-1', 'host-2'];
const INSTANCES = ['vm-a', 'vm-b', 'vm-c'];

/** Something happens to the cloud, or a snapshot is taken, or templates come and go. */
type Happening =
  | { readonly kind: 'event'; readonly event: JsonObject }
  | { readonly kind: 'template'; readonly isLoaded: boolean }
  | { readonly kind: 'snapshot' };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('event' as const), event: anyEvent() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('template' as const), isLoaded: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'snapshot' as const }) },
);

function anyEvent(): fc.Arbitrary<JsonObject> {
  return fc.oneof(
    fc.constantFrom(...HOSTS).map(host),
    fc.tuple(fc.constantFrom(...INSTANCES), fc.constantFrom(...HOSTS)).map(([id, on]) => instance(id, on)),
    fc.tuple(fc.constantFrom(...HOSTS), fc.constantFrom(0 as const, 1 as const)).map(([on, value]) => power(on, value)),
  );
}

async function happen(rig: Rig, what: Happening): Promise<void> {
  if (what.kind === 'event') await rig.send('POST', '/v1/event/', what.event);
  else if (what.kind === 'snapshot') await rig.server.node.takeSnapshot();
  else if (what.isLoaded) await rig.send('PUT', '/v1/template/', { templates: [['power.yaml', POWER_TEMPLATE]] });
  else await rig.send('DELETE', '/v1/template/', { id: ['power'] });
}

/** Every answer that takes `at`; those of now, when none is given. */
async function answers(rig: Rig, at?: string): Promise<Json[]> {
  const query = at === undefined ? '' : `?at=${at}`;
  const rest = at === undefined ? '' : `&at=${at}`;
  const alarms = (await rig.get(`/v1/alarm${query}`)).body as readonly JsonObject[];
  const ids = alarms.map((each) => String(each['vitrage_id']));
  const whys = await Promise.all(ids.map((id) => rig.get(`/v1/why?alarm=${id}${rest}`)));
  const others = await Promise.all([
    rig.get(`/v1/alarm/count${query}`),
    rig.get(`/v1/resources/${query}`),
    rig.get(`/v1/template/${query}`),
    rig.send('POST', `/v1/topology/${query}`, {}),
  ]);
  const trees = whys.map(({ body }) => {
    const { asked, roots, affected } = body as { asked: Json; roots: Json; affected: Json };
    return { asked, roots, affected };
  });
  return [alarms, ...trees, ...others.map(({ body }) => body)];
}

describe('answers about the past', () => {
  it('are what was answered then, whatever happened since', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(happening, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 5 }),
        async (story) => {
          const rig = await startRig();
          try {
            await happen(rig, { kind: 'template', isLoaded: true });
            const seen: { at: string; answers: Json[] }[] = [];
            for (const chapter of story) {
              rig.clock.pass(60_000);
              await rig.server.node.tick();
              for (const what of chapter) await happen(rig, what);
              seen.push({ at: new Date(rig.clock.nowMs()).toISOString(), answers: await answers(rig) });
            }
            for (const { at, answers: then } of seen.reverse()) expect(await answers(rig, at)).toEqual(then);
          } finally {
            await rig.close();
          }
        },
      ),
      { numRuns: 12 },
    );
  }, 60_000);
});
