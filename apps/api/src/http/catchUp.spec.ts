import { type Rig, startRig } from '../testing/rig.sim';

const HOST = { vitrage_entity_type: 'nova.host', host: 'compute-1', zone: 'zone-1' };
const QUESTIONS = ['/v1/status', '/v1/alarm/', '/v1/resources/', '/v1/answers/summary', '/v1/template/'];
const OF_THE_PROCESS = ['/healthz', '/readyz', '/healthcheck', '/v1/service/', '/v1/processes', '/openapi.json'];

describe('a server that is catching up', () => {
  let rig: Rig;
  let caughtUp: () => void;

  beforeEach(async () => {
    rig = await startRig();
    const catchingUp = new Promise<void>((resolve) => (caughtUp = resolve));
    Object.defineProperty(rig.server.node, 'catchingUp', { get: () => catchingUp });
  });

  afterEach(() => rig.close());

  it('answers no question about the state until it has', async () => {
    const answers = QUESTIONS.map((path) => rig.get(path));
    const first = await Promise.race([...answers, new Promise((resolve) => setTimeout(resolve, 300, 'nothing yet'))]);
    expect(first).toBe('nothing yet');
    caughtUp();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(QUESTIONS.map(() => 200));
  });

  it('says so to whoever has waited for long', async () => {
    const [got, posted] = await Promise.all([rig.get('/v1/alarm/?limit=5'), rig.send('POST', '/v1/topology/', {})]);
    expect([got.status, posted.status, got.headers.get('retry-after')]).toEqual([503, 503, '5']);
    expect(got.body).toMatchObject({ code: 503, error: { code: 'catching-up' } });
  }, 20_000);

  it('takes events in, and tells how it is', async () => {
    expect((await rig.send('POST', '/v1/event/', HOST)).status).toBe(200);
    const answers = await Promise.all(OF_THE_PROCESS.map((path) => rig.get(path)));
    expect(answers.map(({ status }) => status)).toEqual(OF_THE_PROCESS.map(() => 200));
  });
});
