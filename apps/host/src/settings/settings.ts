import 'reflect-metadata';
import { Type } from 'class-transformer';
import { ValidateNested } from 'class-validator';
import { BrokerSettings } from './broker';
import { DatabaseSettings } from './database';
import { DriverSettings, OpenstackSettings } from './driver';
import {
  HealthSettings,
  ListenerSettings,
  NicenessSettings,
  NotifierSettings,
  PersisterSettings,
  ProcessorSettings,
} from './roles';
import { AuthSettings, KeycloakSection, KeystoneSection, ServerSettings } from './server';
import {
  DatasourceSettings,
  LogSettings,
  SnapshotSettings,
  StoreSettings,
  TemplateSettings,
  TickSettings,
  ValueTableSettings,
} from './store';

function Section(type: new () => object): PropertyDecorator {
  return (target, key) => {
    ValidateNested()(target, key);
    Type(() => type)(target, String(key));
  };
}

/** All settings, with their defaults. */
export class Settings {
  @Section(ServerSettings) server = new ServerSettings();
  @Section(AuthSettings) auth = new AuthSettings();
  @Section(KeystoneSection) keystone = new KeystoneSection();
  @Section(KeycloakSection) keycloak = new KeycloakSection();
  @Section(StoreSettings) store = new StoreSettings();
  @Section(BrokerSettings) broker = new BrokerSettings();
  @Section(DatabaseSettings) database = new DatabaseSettings();
  @Section(ProcessorSettings) processor = new ProcessorSettings();
  @Section(PersisterSettings) persister = new PersisterSettings();
  @Section(ListenerSettings) listener = new ListenerSettings();
  @Section(DriverSettings) driver = new DriverSettings();
  @Section(OpenstackSettings) openstack = new OpenstackSettings();
  @Section(NotifierSettings) notifiers = new NotifierSettings();
  @Section(NicenessSettings) niceness = new NicenessSettings();
  @Section(HealthSettings) health = new HealthSettings();
  @Section(SnapshotSettings) snapshots = new SnapshotSettings();
  @Section(TickSettings) ticks = new TickSettings();
  @Section(LogSettings) log = new LogSettings();
  @Section(TemplateSettings) templates = new TemplateSettings();
  @Section(ValueTableSettings) valueTables = new ValueTableSettings();
  @Section(DatasourceSettings) datasources = new DatasourceSettings();
}
