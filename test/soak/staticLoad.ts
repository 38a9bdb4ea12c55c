import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Chance } from '../fuzz/chance';
import { HOSTS } from './restLoad';

const SWITCHES = 30;
const PAUSE_MS = { min: 2_000, max: 6_000 };

/** Somebody who writes down which switches there are, and changes the file now and then. */
export class StaticLoad {
  /** Ids of the switches in the file now. */
  switches: readonly string[] = [];
  writes = 0;
  private readonly chance: Chance;

  constructor(
    seed: number,
    private readonly folder: string,
  ) {
    this.chance = new Chance(seed, 3);
    mkdirSync(folder, { recursive: true });
    this.write();
  }

  async run(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      const pauseMs = PAUSE_MS.min + this.chance.below(PAUSE_MS.max - PAUSE_MS.min);
      await sleep(pauseMs, undefined, { signal: until }).catch(() => undefined);
      if (!until.aborted) this.write();
    }
  }

  private write(): void {
    const { chance } = this;
    const numbers = Array.from({ length: SWITCHES }, (_, i) => i).filter(() => !chance.oneIn(3));
    this.switches = numbers.map((number) => `switch-${number}`);
    const entities = this.switches.flatMap((id, i) => [
      `    - {static_id: s${i}, type: switch, id: ${id}, name: ${id}, state: available, rack: r${chance.below(9)}}`,
      `    - {static_id: h${i}, type: nova.host, id: ${chance.pick(HOSTS)}}`,
    ]);
    const edges = this.switches.map((_, i) => `    - {source: s${i}, target: h${i}, relationship_type: attached}`);
    const lines = ['definitions:', '  entities:', ...entities, '  relationships:', ...edges, ''];
    const file = path.join(this.folder, 'switches.yaml');
    writeFileSync(`${file}.new`, lines.join('\n'));
    renameSync(`${file}.new`, file);
    this.writes += 1;
  }
}
