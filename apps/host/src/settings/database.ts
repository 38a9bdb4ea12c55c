import { OneOf, OptionalText, Port, Secret, Text, WholeNumber } from './allowed';

export const TLS_MODES = ['off', 'on', 'unverified'] as const;

/** The MariaDB that keeps everything but the log. */
export class DatabaseSettings {
  /** Without it everything is kept in the store's folder. */
  @OptionalText()
  host?: string;

  @Port()
  port = 3306;

  @Text()
  user = 'wherefore';

  @Secret()
  password = '';

  /** The database that is Wherefore's own. */
  @Text()
  name = 'wherefore';

  /** `on` checks the certificate; `unverified` does not. */
  @OneOf(TLS_MODES)
  tls: (typeof TLS_MODES)[number] = 'off';

  @WholeNumber(2, 100)
  connections = 8;

  /** A statement that gets no answer for so long has failed. */
  @WholeNumber(1, 600)
  answerTimeoutSeconds = 15;

  /** How long the history of alarms is kept. */
  @WholeNumber(1, 36_500)
  historyDays = 30;

  /** How long entries are kept, and with them the moments that can be asked about. */
  @WholeNumber(0, 36_500, ', 0 for ever')
  archiveDays = 90;
}
