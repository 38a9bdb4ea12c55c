import { clusterNeed } from '../cluster/services';
import { describeWithService } from '../support/shared';
import { keepEvidence } from './evidence';
import { describeVerdict } from './report';
import { soakSettings } from './settings';
import { soak } from './soak';

const { isLong, seed, seconds } = soakSettings(process.env);
/** Beside the load: starting, coming to rest, and the checks. */
const BESIDE_MS = 480_000;

describeWithService('a cluster under load, in bad weather', clusterNeed, () => {
  it(
    `keeps, applies and tells everything once (${seconds} s, seed ${seed})`,
    async () => {
      const again = `SEED=${seed} SECONDS=${seconds} npm run soak`;
      const course: string[] = [];
      const say = (text: string): void => {
        course.push(text);
        if (isLong) process.stderr.write(`${text}\n`);
      };
      say(again);
      const verdict = await soak({ seed, seconds, say });
      const report = describeVerdict(verdict);
      if (isLong) process.stderr.write(`\n${report}\n\n`);
      const isSound = verdict.checks.every(({ faults }) => faults.length === 0);
      if (isSound) return;
      const where = `everything it left is in ${keepEvidence(verdict)}; again: ${again}`;
      // The long form has said it all already.
      throw new Error(isLong ? where : `${course.join('\n')}\n\n${report}\n\n${where}`);
    },
    seconds * 1000 + BESIDE_MS,
  );
});
