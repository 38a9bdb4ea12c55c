import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { WhyAnswer } from '@wherefore/contract';
import { freePort, runCli, type ServedCli, serveCli, temporaryFolder } from './cliProcess';
import { makeStore } from './smallCloud';

// Each question starts a process; on a busy machine that takes its time.
jest.setTimeout(60_000);

const { folder, remove } = temporaryFolder();
const home = path.join(folder, 'home');
const example = path.join(home, 'example');
const env: { [name: string]: string } = { WHEREFORE_HOME: home };
let server: ServedCli;

beforeAll(async () => {
  mkdirSync(home);
  // Other tests, and people, may have a server on the usual port.
  env['WHEREFORE_SERVER__PORT'] = String(await freePort());
  server = await serveCli(['--example'], { env });
});

afterAll(remove);

describe('the example', () => {
  it('says what to ask next, and its first suggestion is answered', async () => {
    const suggestion = / {2}npx wherefore why "([^"]+)" --at "([^"]+)" --url (\S+)/.exec(server.stdout());
    expect(suggestion).not.toBeNull();
    const [, name, at, url] = suggestion as unknown as [string, string, string, string];
    expect(url).toBe(server.url);
    const { code, stdout } = await runCli(['why', name, '--at', at, '--json', '--url', url], { env });
    expect(code).toBe(0);
    const answer = JSON.parse(stdout) as WhyAnswer;
    expect(answer.asked.name).toBe(name);
    expect(answer.roots).not.toEqual([]);
    expect(answer.roots.some(({ asked }) => asked)).toBe(false);
  });

  it('lies in a store of its own, within the default store that it does not touch', () => {
    expect(existsSync(path.join(example, 'store.db'))).toBe(true);
    expect(existsSync(path.join(home, 'store.db'))).toBe(false);
  });

  it('is served once: a second server is told that the store is taken', async () => {
    const { code, stderr } = await runCli(['serve', '--example', '--port', '0'], { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/process \d+ writes the store/);
  });

  it('ends well at SIGTERM', async () => {
    expect((await server.stop()).code).toBe(0);
  });

  it('is asked by commands that are told nothing, while there is no other store and no server', async () => {
    const { code, stderr } = await runCli(['why', 'Application degraded', '--at', 'yesterday 17:26'], { env });
    expect(code).toBe(0);
    expect(stderr).toContain(`answered by the store in ${example} (no server on http://127.0.0.1:`);
  });

  it('stays as it is while its failure is yesterday', async () => {
    const before = statSync(path.join(example, 'example.json')).mtimeMs;
    const again = await serveCli(['--example'], { env });
    await again.stop();
    expect(statSync(path.join(example, 'example.json')).mtimeMs).toBe(before);
  });

  it('is made anew when its failure is no longer yesterday, when it was left half made, and with --fresh', async () => {
    const marker = path.join(example, 'example.json');
    const failureAtMs = (): unknown =>
      (JSON.parse(readFileSync(marker, 'utf8')) as { failureAtMs?: number }).failureAtMs;
    const today = failureAtMs();
    for (const old of [JSON.stringify({ failureAtMs: 1 }), '{}', '{broken']) {
      writeFileSync(marker, old);
      const again = await serveCli(['--example'], { env });
      expect((await again.stop()).stderr).toContain('making the example cloud');
      expect(failureAtMs()).toBe(today);
    }
    const fresh = await serveCli(['--example', '--fresh'], { env });
    expect((await fresh.stop()).stderr).toContain('making the example cloud');
  });

  it('is never laid over a store that is not one', async () => {
    const own = path.join(folder, 'own');
    await makeStore(own);
    const before = readFileSync(path.join(own, 'store.db'));
    const { code, stderr } = await runCli(['serve', '--example', '--fresh', '--store', own, '--port', '0'], { env });
    expect(code).toBe(2);
    expect(stderr).toContain('holds a store that is not an example');
    expect(readFileSync(path.join(own, 'store.db')).equals(before)).toBe(true);
  });
});

describe('commands that are told nothing', () => {
  it('ask the server first, then the default store', async () => {
    await makeStore(path.join(folder, 'default'));
    const configured = {
      WHEREFORE_HOME: path.join(folder, 'default'),
      WHEREFORE_SERVER__PORT: String(await freePort()),
    };
    const served = await serveCli(['--port', configured.WHEREFORE_SERVER__PORT], { env: configured });
    const first = await runCli(['alarms'], { env: configured });
    expect(first.stderr).toContain(`answered by the server on ${served.url}\n`);
    await served.stop();
    const second = await runCli(['alarms'], { env: configured });
    expect(second.stderr).toContain(
      `answered by the store in ${configured.WHEREFORE_HOME} (no server on ${served.url})`,
    );
    expect(second.stdout).toBe(first.stdout);
  });

  it('say how to begin when there is nothing to ask', async () => {
    const nothing = { WHEREFORE_HOME: path.join(folder, 'nothing'), WHEREFORE_SERVER__PORT: String(await freePort()) };
    const { code, stderr } = await runCli(['alarms'], { env: nothing });
    expect(code).toBe(1);
    expect(stderr).toContain('wherefore serve --example');
    expect(existsSync(nothing.WHEREFORE_HOME)).toBe(false);
  });
});
