import { OneOf, OptionalPath, Paths, WholeNumber } from './allowed';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;

/** Where everything is kept. */
export class StoreSettings {
  /** The default depends on the machine: see `defaultStoreFolder`. */
  @OptionalPath()
  folder?: string;
}

/** When snapshots are taken: by count and by time, whichever comes first. */
export class SnapshotSettings {
  @WholeNumber(1, 10_000_000)
  everyEntries = 10_000;

  @WholeNumber(1, 10_080)
  everyMinutes = 10;
}

/** The leader's clock. */
export class TickSettings {
  @WholeNumber(1, 5, ', because log time runs at most 5 s ahead of the last tick')
  everySeconds = 5;
}

/** What is logged, and how. */
export class LogSettings {
  @OneOf(LOG_LEVELS)
  level: (typeof LOG_LEVELS)[number] = 'info';

  /** `auto` is pretty on a terminal, and JSON elsewhere. */
  @OneOf(LOG_FORMATS)
  format: (typeof LOG_FORMATS)[number] = 'auto';
}

/** Templates that are proposed at the start, unless they are loaded as they are. */
export class TemplateSettings {
  @Paths()
  folders: string[] = [];
}

/** Value tables of the operator, one file a type. */
export class ValueTableSettings {
  @OptionalPath()
  folder?: string;
}

/** What datasources need to know. */
export class DatasourceSettings {
  /** Which resource an alert of Prometheus is on, in Vitrage's format. */
  @OptionalPath()
  prometheus?: string;
}
