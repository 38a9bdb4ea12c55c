import { finished, spawnCliInOnePipe, temporaryFolder } from './cliProcess';

const { folder, remove } = temporaryFolder();
afterAll(remove);

describe('wherefore serve', () => {
  it('greets after what it logged before, where both go into one pipe', async () => {
    const child = spawnCliInOnePipe(['serve', '--port', '0', '--store', 'cloud'], folder);
    const end = finished(child);
    child.stdout!.on('data', (text: string) => {
      if (text.includes('Wherefore answers on')) child.kill('SIGTERM');
    });
    const { code, stdout } = await end;
    const lines = stdout.split('\n');
    const [listening, greeting] = ['"msg":"listening"', 'Wherefore answers on'].map((words) =>
      lines.findIndex((line) => line.includes(words)),
    );
    expect([code, listening! >= 0]).toEqual([0, true]);
    expect(greeting).toBeGreaterThan(listening!);
  });
});
