import 'reflect-metadata';
import { Transform, Type } from 'class-transformer';
import {
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;
export const AUTH_MODES = ['local', 'noauth', 'keystone', 'keycloak'] as const;
export const ADMIN_BY = ['role', 'user-name'] as const;

/** Each setting has one message: what is allowed. Key and value are put before it. */
const text = { message: 'a text that is not empty' };
const port = { message: 'a whole number from 0 (any free port) to 65535' };
const count = { message: 'a whole number from 1 to 10000000' };
const minutes = { message: 'a whole number from 1 to 10080' };
const tick = { message: 'a whole number from 1 to 5, because log time runs at most 5 s ahead of the last tick' };
const level = { message: `one of ${LOG_LEVELS.join(', ')}` };
const format = { message: `one of ${LOG_FORMATS.join(', ')}` };
const paths = { message: 'a path, or a list of paths' };
const each = { ...paths, each: true };
const rate = { message: 'a whole number from 1 to 1000000, or 0 for no limit' };
const origins = { message: 'a list of origins such as https://dashboard.example, or *' };
const origin = { ...origins, each: true };
const mode = { message: `one of ${AUTH_MODES.join(', ')}` };
const adminBy = { message: `one of ${ADMIN_BY.join(', ')}` };
const url = { message: 'an address such as http://controller:5000/v3, without a slash at its end' };
const URL_PATTERN = /^https?:\/\/[^\s?#]+[^\s?#/]$/;
const kept = { message: 'a whole number from 1 to 3600' };

/** Where the server listens. */
export class ServerSettings {
  @IsString(text)
  @MinLength(1, text)
  host = '127.0.0.1';

  @IsInt(port)
  @Min(0, port)
  @Max(65535, port)
  port = 8999;

  /** Of one tenant, or of one address where there are no tenants. */
  @IsInt(rate)
  @Min(0, rate)
  @Max(1_000_000, rate)
  requestsPerSecond = 0;

  /** Web pages of these origins may use the API. */
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? [value] : value))
  @IsArray(origins)
  @Matches(/^(\*|https?:\/\/[^\s/]+)$/, origin)
  corsOrigins: string[] = [];
}

/** Who is let in, and who is an administrator. */
export class AuthSettings {
  @IsIn(AUTH_MODES, mode)
  mode: (typeof AUTH_MODES)[number] = 'local';

  @IsIn(ADMIN_BY, adminBy)
  adminBy: (typeof ADMIN_BY)[number] = 'role';

  @IsString(text)
  @MinLength(1, text)
  adminName = 'admin';

  @IsOptional()
  @IsString(text)
  @MinLength(1, text)
  policyFile?: string;
}

/** The Keystone that validates tokens, and as whom it is asked. */
export class KeystoneSection {
  @Matches(URL_PATTERN, url)
  url = 'http://127.0.0.1:5000/v3';

  @IsString(text)
  @MinLength(1, text)
  username = 'wherefore';

  @IsString(text)
  password = '';

  @IsString(text)
  @MinLength(1, text)
  projectName = 'service';

  @IsString(text)
  @MinLength(1, text)
  userDomainId = 'default';

  @IsString(text)
  @MinLength(1, text)
  projectDomainId = 'default';

  @IsInt(kept)
  @Min(1, kept)
  @Max(3600, kept)
  cacheSeconds = 60;
}

/** The Keycloak that signs tokens. */
export class KeycloakSection {
  @Matches(URL_PATTERN, url)
  url = 'http://127.0.0.1:9080/auth';

  @IsOptional()
  @Matches(URL_PATTERN, url)
  userInfoUrl?: string;

  @IsOptional()
  @IsString(text)
  @MinLength(1, text)
  issuer?: string;

  @IsOptional()
  @IsString(text)
  @MinLength(1, text)
  audience?: string;

  @IsInt(kept)
  @Min(1, kept)
  @Max(3600, kept)
  cacheSeconds = 60;
}

/** Where everything is kept. */
export class StoreSettings {
  /** The default depends on the machine: see `defaultStoreFolder`. */
  @IsOptional()
  @IsString(text)
  @MinLength(1, text)
  folder?: string;
}

/** When snapshots are taken: by count and by time, whichever comes first. */
export class SnapshotSettings {
  @IsInt(count)
  @Min(1, count)
  @Max(10_000_000, count)
  everyEntries = 10_000;

  @IsInt(minutes)
  @Min(1, minutes)
  @Max(10_080, minutes)
  everyMinutes = 10;
}

/** The leader's clock. */
export class TickSettings {
  @IsInt(tick)
  @Min(1, tick)
  @Max(5, tick)
  everySeconds = 5;
}

/** What is logged, and how. */
export class LogSettings {
  @IsIn(LOG_LEVELS, level)
  level: (typeof LOG_LEVELS)[number] = 'info';

  /** `auto` is pretty on a terminal, and JSON elsewhere. */
  @IsIn(LOG_FORMATS, format)
  format: (typeof LOG_FORMATS)[number] = 'auto';
}

/** Templates that are proposed at the start, unless they are loaded as they are. */
export class TemplateSettings {
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? [value] : value))
  @IsArray(paths)
  @IsString(each)
  @MinLength(1, each)
  folders: string[] = [];
}

/** Value tables of the operator, one file a type. */
export class ValueTableSettings {
  @IsOptional()
  @IsString(text)
  @MinLength(1, text)
  folder?: string;
}

/** What datasources need to know. */
export class DatasourceSettings {
  /** Which resource an alert of Prometheus is on, in Vitrage's format. */
  @IsOptional()
  @IsString(text)
  @MinLength(1, text)
  prometheus?: string;
}

/** All settings, with their defaults. */
export class Settings {
  @ValidateNested()
  @Type(() => ServerSettings)
  server = new ServerSettings();

  @ValidateNested()
  @Type(() => AuthSettings)
  auth = new AuthSettings();

  @ValidateNested()
  @Type(() => KeystoneSection)
  keystone = new KeystoneSection();

  @ValidateNested()
  @Type(() => KeycloakSection)
  keycloak = new KeycloakSection();

  @ValidateNested()
  @Type(() => StoreSettings)
  store = new StoreSettings();

  @ValidateNested()
  @Type(() => SnapshotSettings)
  snapshots = new SnapshotSettings();

  @ValidateNested()
  @Type(() => TickSettings)
  ticks = new TickSettings();

  @ValidateNested()
  @Type(() => LogSettings)
  log = new LogSettings();

  @ValidateNested()
  @Type(() => TemplateSettings)
  templates = new TemplateSettings();

  @ValidateNested()
  @Type(() => ValueTableSettings)
  valueTables = new ValueTableSettings();

  @ValidateNested()
  @Type(() => DatasourceSettings)
  datasources = new DatasourceSettings();
}
