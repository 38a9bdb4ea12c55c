import { planWeather } from './plan';
import { SHORT } from './settings';

const ROLES = ['api', 'processor', 'persister', 'listener', 'driver'];
const VICTIMS = [...ROLES.flatMap((role) => [`${role}-1`, `${role}-2`]), 'broker', 'database'];

describe('the weather of a soak', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planWeather(7, 60_000, VICTIMS)).toEqual(planWeather(7, 60_000, VICTIMS));
    expect(planWeather(7, 60_000, VICTIMS)).not.toEqual(planWeather(8, 60_000, VICTIMS));
  });

  it('strikes every few seconds, nobody who is still down, and in ten minutes everybody in both ways', () => {
    const plan = planWeather(7, 600_000, VICTIMS);
    expect(plan.length).toBeGreaterThan(150);
    plan.forEach(({ victim, atMs }, place) => {
      const before = plan.slice(0, place).findLast((strike) => strike.victim === victim);
      expect(before === undefined || before.atMs + before.forMs <= atMs).toBe(true);
    });
    const ways = new Set(plan.map(({ victim, deed }) => `${deed} ${victim}`));
    expect([...ways].sort()).toEqual(VICTIMS.flatMap((name) => [`kill ${name}`, `stop ${name}`]).sort());
  });

  it('kills the broker, the database and one of every role in the short form too', () => {
    const plan = planWeather(SHORT.seed, SHORT.seconds * 1000, VICTIMS);
    const killed = plan.filter(({ deed }) => deed === 'kill').map(({ victim }) => victim.replace(/-\d$/, ''));
    expect([...new Set(killed)].sort()).toEqual(['broker', 'database', ...ROLES].sort());
    expect(plan.some(({ deed, victim }) => deed === 'stop' && victim.startsWith('processor'))).toBe(true);
  });
});
