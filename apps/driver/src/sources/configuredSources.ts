import { readFileSync } from 'node:fs';
import type { Config } from '@wherefore/host';
import { type Json, WhereforeError } from '@wherefore/model';
import {
  CloudClient,
  type CloudSettings,
  type CloudWatch,
  type Credentials,
  HttpClient,
  type HttpSettings,
  type TlsSettings,
} from '@wherefore/openstack';
import type { Timer } from '@wherefore/ports';
import { parse } from 'yaml';
import { AlertmanagerSource } from './alertmanagerSource';
import { type CloudAccess, OpenstackSource } from './openstackSource';
import type { PollSource } from './pollSource';
import { QUESTIONS } from './questions';
import { StackSource } from './stackSource';
import { StaticSource } from './staticSource';

/** What the configuration is read for. */
export type SourceConfig = Pick<Config, 'driver' | 'openstack' | 'datasources'>;

export interface SourceTools {
  readonly timer: Timer;
  /** 0 up to 1. */
  readonly random: () => number;
  readonly watch: CloudWatch;
}

/** Everything that is polled, and how to let go of its connections. */
export interface ConfiguredSources {
  readonly sources: readonly PollSource[];
  close(): void;
}

/** All of a cloud, in `driver.sources`. */
const OPENSTACK = 'openstack';
/** A driver that asks for much at a time is a burden for the cloud that it watches. */
const CONNECTIONS_MAX = 8;
const PATIENCE = { attempts: 4, firstPauseMs: 500, pauseMaxMs: 10_000 };
const RETRY_AFTER_MAX_MS = 60_000;

/** The names that `driver.sources` knows. */
export const SOURCE_NAMES: readonly string[] = [
  ...QUESTIONS.map(({ answer }) => answer),
  'heat-stacks',
  'alertmanager',
  'static',
];

/** Throws `invalid-config` for what cannot be polled, `file-unreadable`. */
export function configuredSources(config: SourceConfig, tools: SourceTools): ConfiguredSources {
  const { driver } = config;
  const http = new HttpClient(httpSettings(config));
  const known = [...cloudSources(config, http, tools), ...otherSources(config, http, tools)];
  const wanted = driver.sources.length === 0 ? known.map(({ name }) => name) : driver.sources.flatMap(expand);
  for (const name of wanted) if (!known.some((source) => source.name === name)) throw notConfigured(name);
  const sources = known.filter(({ name }) => wanted.includes(name));
  if (sources.length === 0) {
    throw new WhereforeError('invalid-config', 'there is nothing to poll', {
      hint: 'Set openstack.authUrl, driver.alertmanagerUrl or driver.staticFolder.',
    });
  }
  for (const name of intervalsOf(driver).keys()) if (!SOURCE_NAMES.includes(name)) throw unknown('intervals', name);
  return { sources, close: () => http.close() };
}

/** Milliseconds between polls, of the sources that have an interval of their own. */
export function intervalsOf({ intervals }: Pick<Config['driver'], 'intervals'>): ReadonlyMap<string, number> {
  return new Map(
    intervals.map((text) => {
      const [name = '', seconds] = text.split('=');
      return [name, Number(seconds) * 1000];
    }),
  );
}

function expand(name: string): readonly string[] {
  if (name === OPENSTACK) return [...QUESTIONS.map(({ answer }) => answer), 'heat-stacks'];
  if (!SOURCE_NAMES.includes(name)) throw unknown('sources', name);
  return [name];
}

function cloudSources({ openstack }: SourceConfig, http: HttpClient, tools: SourceTools): PollSource[] {
  const { authUrl, regions, pageRows, portOwners } = openstack;
  if (authUrl === undefined) return [];
  const settings: CloudSettings = {
    authUrl,
    credentials: credentialsOf(openstack),
    interface: openstack.interface,
    patience: PATIENCE,
    retryAfterMaxMs: RETRY_AFTER_MAX_MS,
  };
  const cloud = new CloudClient(http, settings, tools.timer, tools.random, tools.watch);
  const access: CloudAccess = { cloud, regions, pageRows, reading: { portOwners }, clock: tools.timer };
  return [...QUESTIONS.map((question) => new OpenstackSource(question, access)), new StackSource(access)];
}

function otherSources({ driver, datasources }: SourceConfig, http: HttpClient, { timer }: SourceTools): PollSource[] {
  const { alertmanagerUrl: url, alertmanagerAuthorization: authorization, staticFolder } = driver;
  const sources: PollSource[] = [];
  if (url !== undefined) {
    const headers = authorization === '' ? {} : { Authorization: authorization };
    const mapping = datasources.prometheus === undefined ? undefined : mappingIn(datasources.prometheus);
    sources.push(new AlertmanagerSource({ http, url, headers, mapping, clock: timer }));
  }
  if (staticFolder !== undefined) sources.push(new StaticSource(staticFolder, timer));
  return sources;
}

function credentialsOf(openstack: Config['openstack']): Credentials {
  const { applicationCredentialId: id, applicationCredentialSecret: secret } = openstack;
  if (id !== undefined) {
    if (secret === '') throw missing('openstack.applicationCredentialSecret');
    return { kind: 'application-credential', id, secret };
  }
  const { username, password, projectName, userDomainName, projectDomainName } = openstack;
  if (password === '') throw missing('openstack.password');
  return {
    kind: 'password',
    user: { name: username, domainName: userDomainName },
    password,
    project: { name: projectName, domainName: projectDomainName },
  };
}

function httpSettings({ driver, openstack }: SourceConfig): HttpSettings {
  return {
    tls: tlsOf(openstack),
    timeoutMs: driver.requestTimeoutSeconds * 1000,
    bodyBytesMax: driver.answerMegabytesMax * 1024 * 1024,
    connectionsMax: CONNECTIONS_MAX,
  };
}

function tlsOf({ caFile, certFile, keyFile, verifyCertificates }: Config['openstack']): TlsSettings {
  return {
    isVerified: verifyCertificates,
    ...(caFile === undefined ? {} : { ca: read(caFile) }),
    ...(certFile === undefined ? {} : { cert: read(certFile) }),
    ...(keyFile === undefined ? {} : { key: read(keyFile) }),
  };
}

function mappingIn(file: string): Json {
  const text = read(file);
  try {
    return parse(text, { schema: 'failsafe' }) as Json;
  } catch (cause) {
    throw new WhereforeError('invalid-config', `${file} is not YAML: ${String(cause).split('\n')[0]}`, { cause });
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WhereforeError('file-unreadable', `${file} cannot be read: ${why}`, { cause });
  }
}

function unknown(key: string, name: string): WhereforeError {
  return new WhereforeError('invalid-config', `driver.${key} names "${name}", which is no source`, {
    hint: `Known are openstack, ${SOURCE_NAMES.join(', ')}.`,
  });
}

function notConfigured(name: string): WhereforeError {
  const key =
    name === 'alertmanager'
      ? 'driver.alertmanagerUrl'
      : name === 'static'
        ? 'driver.staticFolder'
        : 'openstack.authUrl';
  return new WhereforeError('invalid-config', `driver.sources names ${name}, and ${key} is missing`, {
    hint: `Set ${key}, or take ${name} out.`,
  });
}

function missing(key: string): WhereforeError {
  return new WhereforeError('invalid-config', `openstack.authUrl is set, and ${key} is missing`, {
    hint: `Set ${key}, in the environment if it must not be in a file.`,
  });
}
