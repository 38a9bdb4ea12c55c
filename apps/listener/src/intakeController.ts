import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { Intake } from './intake';
import { type BusMessage, NOTIFICATIONS, type TakenBatch } from './transport/busMessage';

/** Where Nest hands over what its transport brings. */
@Controller()
export class IntakeController {
  constructor(@Inject(Intake) private readonly intake: Intake) {}

  @MessagePattern(NOTIFICATIONS)
  take(@Payload() messages: readonly BusMessage[]): Promise<TakenBatch> {
    return this.intake.take(messages);
  }
}
