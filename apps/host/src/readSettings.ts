import { resolve } from 'node:path';
import { WhereforeError, isJsonObject, type Json, type JsonObject } from '@wherefore/model';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';
import { withoutSecrets } from './secrets';
import { type Marks, marksOf } from './settings/marks';
import { Settings } from './settings/settings';
import type { Environment } from './storeFolder';

/** A part of the configuration: what a file or the command line says, or the environment. */
export type SettingsLayer =
  | { readonly content: JsonObject; readonly name: string; readonly folder: string }
  | { readonly content: Environment; readonly folder: string };

const PREFIX = 'WHEREFORE_';

/** Sections with their classes, and what keys each has: as the classes say. */
const SECTIONS = new Map(
  Object.entries(new Settings()).map(([name, section]) => [name, section.constructor as new () => object]),
);
const KEYS = new Map([...SECTIONS].map(([name, section]) => [name, keysOf(section)]));

function keysOf(section: new () => object): readonly string[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(section, '', false, false);
  return [...new Set(rules.map(({ propertyName }) => propertyName))];
}

function marked(key: string): Marks {
  const [section = '', name = ''] = key.split('.');
  const type = SECTIONS.get(section);
  return type === undefined ? {} : marksOf(type, name);
}

/** Lays the layers over each other, the later ones on top, and checks the whole. Throws `invalid-config`. */
export function readSettings(layers: readonly SettingsLayer[]): Settings {
  const merged: { [section: string]: { [key: string]: Json } } = {};
  for (const layer of layers) {
    const content = 'name' in layer ? checkedSections(layer.content, layer.name) : fromEnvironment(layer.content);
    for (const [section, keys] of Object.entries(content)) {
      for (const [key, value] of Object.entries(keys)) {
        (merged[section] ??= {})[key] = absolute(`${section}.${key}`, value, layer.folder);
      }
    }
  }
  const settings = plainToInstance(Settings, merged, { exposeDefaultValues: true });
  const [fault] = validateSync(settings, { whitelist: true, forbidNonWhitelisted: true });
  if (fault) throw invalid(fault);
  return settings;
}

type Sections = { readonly [section: string]: JsonObject };

function checkedSections(content: JsonObject, name: string): Sections {
  const sections: { [section: string]: JsonObject } = {};
  for (const [section, keys] of Object.entries(content)) {
    const known = KEYS.get(section);
    if (known === undefined) throw unknown(name, section, [...KEYS.keys()]);
    if (keys === null) continue;
    if (!isJsonObject(keys)) {
      throw new WhereforeError('invalid-config', `${name}: ${section} is ${shown(keys)}, not a section`, {
        hint: `Its keys are ${known.join(', ')}.`,
      });
    }
    const stray = Object.keys(keys).find((key) => !known.includes(key));
    if (stray !== undefined) throw unknown(name, `${section}.${stray}`, known);
    sections[section] = keys;
  }
  return sections;
}

/** `WHEREFORE_VALUE_TABLES__FOLDER` is `valueTables.folder`. Texts become numbers where they look like them. */
function fromEnvironment(env: Environment): Sections {
  const sections: { [section: string]: { [key: string]: Json } } = {};
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || !variable.includes('__') || text === undefined) continue;
    const [sectionName, keyName, ...rest] = variable.slice(PREFIX.length).split('__');
    const section = [...KEYS.keys()].find((each) => screaming(each) === sectionName);
    const key = KEYS.get(section ?? '')?.find((each) => screaming(each) === keyName);
    if (section === undefined || key === undefined || rest.length > 0) {
      const known = [...KEYS].flatMap(([name, keys]) =>
        keys.map((each) => `${PREFIX}${screaming(name)}__${screaming(each)}`),
      );
      throw unknown('the environment', variable, known);
    }
    (sections[section] ??= {})[key] = valueOf(`${section}.${key}`, text);
  }
  return sections;
}

function valueOf(key: string, text: string): Json {
  const { isList, isText } = marked(key);
  if (isList) return text.split(',').map((item) => item.trim());
  if (isText) return text;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

function screaming(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** Paths in a file are relative to the file, others to where the command runs. */
function absolute(key: string, value: Json, folder: string): Json {
  if (!marked(key).isPath) return value;
  if (typeof value === 'string') return value === '' ? '' : resolve(folder, value);
  return Array.isArray(value) ? (value as readonly Json[]).map((item) => absolute(key, item, folder)) : value;
}

function unknown(name: string, key: string, known: readonly string[]): WhereforeError {
  return new WhereforeError('invalid-config', `${name}: ${key} is no setting`, {
    hint: `Known are ${known.join(', ')}.`,
    data: { key, known: [...known] },
  });
}

function invalid(error: ValidationError): WhereforeError {
  const path: string[] = [];
  let fault = error;
  for (;;) {
    path.push(fault.property);
    const [child] = fault.children ?? [];
    if (child === undefined) break;
    fault = child;
  }
  const [allowed] = Object.values(fault.constraints ?? {});
  const key = path.join('.');
  const value = marked(key).isSecret ? 'wrong' : shown(fault.value);
  return new WhereforeError('invalid-config', `${key} is ${value}; allowed is ${allowed}`, {
    hint: `Set ${key} in the file, or ${PREFIX}${path.map(screaming).join('__')} in the environment.`,
    data: { key, allowed: allowed ?? '' },
  });
}

function shown(value: unknown): string {
  return withoutSecrets(JSON.stringify(value) ?? 'missing');
}
