import type { MachineState } from '@wherefore/runtime';
import type { Cluster } from './cluster';
import type { Service } from './world';

const SERVICES: readonly Service[] = ['database', 'broker'];
/** Bad weather lasts so long; then everything is well for the rest of the run. */
export const FAULTS_UNTIL_MS = 5000;

type Fault = <S extends MachineState>(cluster: Cluster<S>) => void;

const crash: Fault = ({ world, running }) => {
  const process = world.chance.pick([...running.values()]);
  process.crash();
};

/** It does something, and does not live to see the answer. */
const crashSoon: Fault = ({ world, running }) => {
  const process = world.chance.pick([...running.values()]);
  process.crashesInAnswers = 1 + world.chance.below(12);
};

const hang: Fault = ({ world, running }) => {
  const names = [...running.keys()].filter((name) => !name.startsWith('source'));
  running.get(world.chance.pick(names))!.hang(300 + world.chance.below(5000));
};

const goAway: Fault = ({ world, presences }) => {
  const service = world.chance.pick(SERVICES);
  world.tell(`the ${service} goes away`);
  world.away.add(service);
  if (service === 'database') presences.lose();
  world.time.plan(300 + world.chance.below(3000), () => {
    world.tell(`the ${service} is back`);
    world.away.delete(service);
  });
};

const cutOff: Fault = ({ world, running, presences }) => {
  const process = world.chance.pick([...running.values()]);
  const service = world.chance.pick(SERVICES);
  world.tell(`${process.name} is cut off from the ${service}`);
  process.cutOff.add(service);
  if (service === 'database' && world.chance.oneIn(2)) presences.disconnect(process);
  world.time.plan(300 + world.chance.below(4000), () => process.cutOff.delete(service));
};

const jump: Fault = ({ world, running }) => {
  const process = world.chance.pick([...running.values()]);
  process.wallOffsetMs += (world.chance.below(2) === 0 ? 1 : -1) * world.chance.below(3_600_000);
  world.tell(`the clock of ${process.name} jumps`);
};

const slowNetwork: Fault = ({ world }) => {
  world.weather.delayMaxMs = 20 + world.chance.below(200);
  world.time.plan(1500, () => (world.weather.delayMaxMs = 4));
};

const loseAnswers: Fault = ({ world }) => {
  world.weather.lostOneIn = 3 + world.chance.below(20);
  world.time.plan(1500, () => (world.weather.lostOneIn = 0));
};

const receiverDown: Fault = ({ world, downReceivers }) => {
  const name = world.chance.pick(['bus', 'hook']);
  downReceivers.add(name);
  world.time.plan(500 + world.chance.below(4000), () => downReceivers.delete(name));
};

const damageSnapshot: Fault = ({ world, services }) => {
  void services.snapshots.list().then((headers) => {
    if (headers.length > 0) services.snapshots.damage(world.chance.pick(headers).position);
  });
};

/** Only in worlds whose sources wait for the archive: what is confirmed by a stream alone is lost with it. */
const deleteStream: Fault = ({ world, broker, options }) => {
  if (!options.isArchivedFirst || broker.bound === undefined) return;
  world.tell('the stream is deleted');
  broker.delete(broker.bound);
};

const FAULTS: readonly Fault[] = [
  ...[crash, crash, crashSoon, crashSoon, crashSoon, hang, hang, hang, goAway, cutOff, cutOff],
  ...[jump, slowNetwork, loseAnswers, receiverDown, damageSnapshot, deleteStream],
];

/** Plans the bad weather of a seed. */
export function planFaults<S extends MachineState>(cluster: Cluster<S>): void {
  const { world } = cluster;
  const count = 2 + world.chance.below(7);
  for (let i = 0; i < count; i++) {
    const fault = world.chance.pick(FAULTS);
    world.time.plan(400 + world.chance.below(FAULTS_UNTIL_MS - 400), () => fault(cluster));
  }
}

/** From here on everything is well. */
export function heal<S extends MachineState>({ world, running, downReceivers }: Cluster<S>): void {
  world.tell('all is well from now on');
  world.away.clear();
  downReceivers.clear();
  world.weather.delayMaxMs = 4;
  world.weather.lostOneIn = 0;
  for (const process of running.values()) {
    process.cutOff.clear();
    process.crashesInAnswers = Infinity;
  }
}
