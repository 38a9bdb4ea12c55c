import { Body, Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { driverEvents } from '@wherefore/datasources';
import { WhereforeError, type Json, type JsonObject, type NewEntry } from '@wherefore/model';
import type { AppliedOutcome } from '@wherefore/runtime';
import { ApiNode } from '../apiNode';
import type { Visit } from '../access/visit';
import { Answer } from './answer';
import { Asker } from './asker';
import { failureOf } from './failure';
import { Endpoint } from './describing/endpoint';

const KEY_LENGTH_MAX = 255;

/** Takes events in. The answer comes once this server has applied them: whoever asks next sees them. */
@Controller('v1/event')
export class EventController {
  constructor(private readonly node: ApiNode) {}

  @Endpoint({ tag: 'events', summary: 'Post events', body: 'event', isIdempotent: true, answer: 'nothing' })
  @Post()
  @HttpCode(200)
  async post(
    @Body() body: Json | undefined,
    @Headers('user-agent') userAgent: string | undefined,
    @Headers('idempotency-key') key: string | undefined,
    @Asker() asker: Visit,
  ): Promise<Answer> {
    asker.need('event post');
    if (key !== undefined && (key.length === 0 || key.length > KEY_LENGTH_MAX)) {
      throw new WhereforeError('bad-request', `Idempotency-Key has ${key.length} characters; allowed are 1 to 255`);
    }
    const posted = driverEvents(body, {
      userAgent: userAgent ?? '',
      nowText: `${new Date(this.node.nowMs()).toISOString().slice(0, 19)}Z`,
      datasources: this.node.state.datasources,
    });
    if ('code' in posted) {
      await this.node.keepRejected(posted, JSON.stringify(body ?? null));
      throw failureOf(posted);
    }
    const outcomes = await this.take(posted.events, key);
    refuse(outcomes);
    return Answer.after(outcomes.at(-1)!.position, null);
  }

  private async take(events: readonly JsonObject[], key: string | undefined): Promise<AppliedOutcome[]> {
    const entries = events.map((event, i): NewEntry => {
      const id = key === undefined || events.length === 1 ? key : `${key}/${i}`;
      return { kind: 'event', ...this.node.entryBase('api', id), event };
    });
    try {
      return await this.node.appendAllAndWait(entries);
    } catch (error) {
      if (error instanceof WhereforeError && error.code === 'entry-too-large') {
        const { code, message, hint } = error;
        const rejection = { code, message, ...(hint === undefined ? {} : { hint }) };
        await this.node.keepRejected(rejection, JSON.stringify(events));
      }
      throw error;
    }
  }
}

/** Throws for what the engine refused, and says how much it took. */
function refuse(outcomes: readonly AppliedOutcome[]): void {
  const rejected = outcomes.flatMap(({ outcome }, index) =>
    'rejection' in outcome ? [{ index, ...outcome.rejection }] : [],
  );
  const [first] = rejected;
  if (first === undefined) return;
  const accepted = outcomes.length - rejected.length;
  throw failureOf(first, { accepted, rejected: rejected.map((each) => ({ ...each })) });
}
