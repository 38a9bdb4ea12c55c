import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WhereforeError, type JsonObject } from '@wherefore/model';
import { isLoopback, loadConfig } from './config';
import { defaultStoreFolder } from './storeFolder';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'wherefore-config-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function load(yaml: string, env: { [name: string]: string } = {}, overrides: JsonObject = {}) {
  writeFileSync(join(folder, 'wherefore.yaml'), yaml);
  return loadConfig({ env, cwd: folder, overrides });
}

function faultOf(yaml: string, env: { [name: string]: string } = {}): WhereforeError {
  try {
    load(yaml, env);
  } catch (error) {
    if (error instanceof WhereforeError) return error;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('loadConfig', () => {
  it('has defaults for everything', () => {
    expect(loadConfig({ env: { WHEREFORE_HOME: folder }, cwd: folder })).toMatchObject({
      server: { host: '127.0.0.1', port: 8999, requestsPerSecond: 0, corsOrigins: [] },
      auth: { mode: 'local', adminBy: 'role', adminName: 'admin' },
      keystone: {
        url: 'http://127.0.0.1:5000/v3',
        username: 'wherefore',
        password: '',
        projectName: 'service',
        userDomainId: 'default',
        projectDomainId: 'default',
        cacheSeconds: 60,
      },
      keycloak: { url: 'http://127.0.0.1:9080/auth', cacheSeconds: 60 },
      store: { folder },
      broker: {
        urls: [],
        exchange: 'wherefore.log',
        streamPrefix: 'wherefore.log',
        retentionBytes: 10_000_000_000,
        retentionAge: '7D',
        segmentBytes: 67_108_864,
        durability: 'confirmed',
        heartbeatSeconds: 5,
        appendTimeoutSeconds: 30,
      },
      database: {
        port: 3306,
        user: 'wherefore',
        password: '',
        name: 'wherefore',
        tls: 'off',
        connections: 8,
        answerTimeoutSeconds: 15,
        historyDays: 30,
        archiveDays: 90,
      },
      processor: { healthPort: 0, leaseTtlMs: 2000 },
      persister: { healthPort: 0, leaseTtlMs: 2000, expireEveryMinutes: 10 },
      listener: {
        healthPort: 0,
        urls: [],
        queue: 'wherefore.notifications',
        queueType: 'classic',
        exchanges: ['nova', 'neutron', 'cinder', 'heat', 'aodh', 'keystone', 'glance', 'openstack', 'vitrage'],
        topics: ['notifications', 'versioned_notifications', 'vitrage_notifications'],
        prefetch: 256,
        heldBytesMax: 16_777_216,
        deadLetterBytesMax: 100_000_000,
        bindingCheckSeconds: 30,
        handOverSeconds: 30,
      },
      driver: {
        healthPort: 0,
        sources: [],
        intervalSeconds: 600,
        intervals: [],
        pollTimeoutSeconds: 300,
        pollsAtATime: 4,
        leaseTtlMs: 10_000,
        requestTimeoutSeconds: 60,
        answerMegabytesMax: 64,
        alertmanagerAuthorization: '',
      },
      openstack: {
        username: 'wherefore',
        password: '',
        projectName: 'admin',
        userDomainName: 'Default',
        projectDomainName: 'Default',
        applicationCredentialSecret: '',
        interface: 'public',
        regions: [],
        portOwners: 'compute',
        pageRows: 500,
        verifyCertificates: true,
      },
      notifiers: {
        timeoutMs: 5000,
        attemptsMax: 20,
        webhookWindow: 32,
        webhookNetworks: [],
        webhookNetworksRefused: ['169.254.0.0/16', 'fe80::/10'],
        bus: 'on',
        busUrls: [],
        busExchange: 'vitrage',
        busTopic: 'vitrage.graph',
      },
      niceness: { api: 10, driver: 5 },
      health: { host: '127.0.0.1', reportEverySeconds: 2 },
      snapshots: { everyEntries: 10_000, everyMinutes: 10 },
      ticks: { everySeconds: 5 },
      log: { level: 'info', format: 'auto' },
      templates: { folders: [] },
      valueTables: {},
      datasources: {},
    });
  });

  it('takes the file, over it the environment, over that the command line', () => {
    const yaml = 'server: {port: 1, host: "::1"}\nlog: {level: warn}\nticks:\n';
    const env = { WHEREFORE_SERVER__PORT: '2', WHEREFORE_SNAPSHOTS__EVERY_ENTRIES: '3', WHEREFORE_HOME: '/x' };
    const config = load(yaml, env, { server: { port: 4 } });
    expect(config.server).toMatchObject({ host: '::1', port: 4 });
    expect(config.snapshots.everyEntries).toBe(3);
    expect(config.log.level).toBe('warn');
    expect(load(yaml, env).server.port).toBe(2);
  });

  it('reads paths from where they are written', () => {
    mkdirSync(join(folder, 'etc'));
    writeFileSync(join(folder, 'etc/own.yaml'), 'templates: {folders: templates}\nstore: {folder: ../data}\n');
    const config = loadConfig({
      file: 'etc/own.yaml',
      env: { WHEREFORE_VALUE_TABLES__FOLDER: 'tables' },
      cwd: folder,
    });
    expect(config.templates.folders).toEqual([join(folder, 'etc/templates')]);
    expect(config.store.folder).toBe(join(folder, 'data'));
    expect(config.valueTables.folder).toBe(join(folder, 'tables'));
  });

  it.each([
    ['server: {port: 70000}', 'server.port is 70000; allowed is a whole number from 0 (any free port) to 65535'],
    ['server: {port: "8999"}', 'server.port is "8999"; allowed is a whole number'],
    ['ticks: {everySeconds: 60}', 'ticks.everySeconds is 60; allowed is a whole number from 1 to 5'],
    ['log: {level: loud}', 'log.level is "loud"; allowed is one of trace, debug'],
    ['templates: {folders: [3]}', 'templates.folders is [3]; allowed is a path, or a list of paths'],
    ['auth: {mode: none}', 'auth.mode is "none"; allowed is one of local, noauth, keystone, keycloak'],
    ['auth: {mode: keystone}', 'auth.mode is keystone, and keystone.password is missing'],
    ['keystone: {url: "http://controller:5000/v3/"}', 'without a slash at its end'],
    ['server: {corsOrigins: [dashboard]}', 'server.corsOrigins is ["dashboard"]; allowed is a list of origins'],
    ['store: {folder: ""}', 'store.folder is ""; allowed is a text that is not empty'],
    [
      'broker: {urls: "http://controller"}',
      'broker.urls is ["http://controller"]; allowed is an address such as amqp://',
    ],
    ['broker: {urls: "amqp://broker"}', 'broker.urls is set, and database.host is missing'],
    ['database: {host: db}', 'database.host is set, and broker.urls is missing'],
    ['broker: {retentionAge: "a week"}', 'broker.retentionAge is "a week"; allowed is a number with h, D or M'],
    [
      'processor: {leaseTtlMs: 5}',
      'processor.leaseTtlMs is 5; allowed is a whole number from 500 to 60000 milliseconds',
    ],
    [
      'notifiers: {webhookNetworks: [10.0.0.0/8, intranet]}',
      'notifiers.webhookNetworks is ["10.0.0.0/8","intranet"]; allowed is a network such as 10.0.0.0/8',
    ],
    ['notifiers: {webhookNetworksRefused: 10.0.0.0/33}', 'notifiers.webhookNetworksRefused is ["10.0.0.0/33"]'],
    ['niceness: {api: -1}', 'niceness.api is -1; allowed is a whole number from 0 to 19'],
    ['server: 3', 'server is 3, not a section'],
    ['sever: {port: 1}', 'sever is no setting'],
    ['server: {prot: 1}', 'server.prot is no setting'],
    ['- a list', 'is no mapping of sections'],
    ['a: [', 'is not YAML'],
  ])('refuses %s, and says what is allowed', (yaml, message) => {
    const fault = faultOf(yaml);
    expect(fault.code).toBe('invalid-config');
    expect(fault.message).toContain(message);
  });

  it('refuses variables of the environment that mean nothing', () => {
    const fault = faultOf('', { WHEREFORE_SERVER__PROT: '1' });
    expect(fault.message).toContain('WHEREFORE_SERVER__PROT is no setting');
    expect(fault.hint).toContain('WHEREFORE_SERVER__PORT');
    expect(faultOf('', { WHEREFORE_SERVER__PORT: 'x' }).message).toContain('server.port is "x"');
  });

  it('refuses a file that is not there, when it was asked for', () => {
    const loading = () => loadConfig({ file: 'no.yaml', env: {}, cwd: folder });
    expect(loading).toThrow(expect.objectContaining({ code: 'file-unreadable' }) as Error);
  });

  it('knows which addresses only this machine reaches', () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.4', '127.0.0.1.example.org', '128.0.0.1']) {
      expect(isLoopback(host)).toBe(false);
    }
    expect(['127.0.0.1', '127.9.255.3', '::1', 'localhost'].every(isLoopback)).toBe(true);
  });

  it('takes a password for text, and never shows one', () => {
    const env = { WHEREFORE_AUTH__MODE: 'keystone', WHEREFORE_KEYSTONE__PASSWORD: '12345' };
    expect(load('', env).keystone.password).toBe('12345');
    expect(faultOf('keystone: {password: [hunter2]}').message).not.toContain('hunter2');
    expect(faultOf('database: {password: [hunter2]}').message).not.toContain('hunter2');
  });

  it('shows addresses without the passwords in them', () => {
    const { message } = faultOf('broker: {urls: ["amqp://wherefore:hunter2@one:5672", "http://x:hunter3@two"]}');
    expect(message).toContain('["amqp://wherefore:…@one:5672","http://x:…@two"]');
  });

  it('takes a list from the environment, separated by commas', () => {
    const env = { WHEREFORE_BROKER__URLS: 'amqp://one, amqps://two/vhost', WHEREFORE_DATABASE__HOST: '10' };
    const { broker, database } = load('', env);
    expect(broker.urls).toEqual(['amqp://one', 'amqps://two/vhost']);
    expect(database.host).toBe('10');
  });
});

describe('defaultStoreFolder', () => {
  it('is $WHEREFORE_HOME, else in the project, else the folder for data', () => {
    const inside = join(folder, 'a/b');
    mkdirSync(inside, { recursive: true });
    const env = { XDG_DATA_HOME: '/data' };
    expect(defaultStoreFolder(env, inside)).toBe('/data/wherefore');
    expect(defaultStoreFolder({ HOME: '/home-of-someone' }, inside)).toBe('/home-of-someone/.local/share/wherefore');
    writeFileSync(join(folder, 'package.json'), '{"name": "other"}');
    expect(defaultStoreFolder(env, inside)).toBe('/data/wherefore');
    writeFileSync(join(folder, 'package.json'), '{"name": "wherefore"}');
    expect(defaultStoreFolder(env, inside)).toBe(join(folder, '.wherefore'));
    expect(defaultStoreFolder({ ...env, WHEREFORE_HOME: 'here' }, inside)).toBe(join(inside, 'here'));
  });
});
