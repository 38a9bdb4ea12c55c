import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { answerDatasources, readAnswerIndex, type RecordedAnswer } from '@wherefore/datasources';
import { compareCodeUnits, excerptOf, type Json, readJson, type Rejection, WhereforeError } from '@wherefore/model';
import { readFolder, unreadable } from '../run/templateFiles';

const INDEX_FILE = 'index.json';

/** An answer with the folder that its body is in. */
export interface PlacedAnswer {
  readonly answer: RecordedAnswer;
  /** False for what nobody reads, such as `nova-flavors`. */
  readonly isRead: boolean;
  readonly folder: string;
  /** `04-host-down/nova-servers.json`. */
  readonly place: string;
}

/** An index, or an item of one, that cannot be read. */
export interface RefusedIndex {
  readonly rejection: Rejection;
  readonly place: string;
  readonly text: string;
}

/** What the folders hold. */
export interface RecordedFolders {
  /** In order of folders, and within one of its index. */
  readonly answers: readonly PlacedAnswer[];
  readonly refused: readonly RefusedIndex[];
  /** Files that no index lists. */
  readonly unlisted: number;
}

/**
 * Finds the answers in folders of one moment, which have an `index.json`, and in folders of such folders.
 * A folder that is named twice counts once. Throws `file-unreadable` for a folder that is neither.
 */
export function findAnswers(paths: readonly string[]): RecordedFolders {
  const folders = new Map(paths.flatMap(momentsIn).map((folder) => [realpathSync(folder), folder]));
  const read = [...folders.values()].map(readMoment);
  return {
    answers: read.flatMap(({ answers }) => answers),
    refused: read.flatMap(({ refused }) => refused),
    unlisted: read.reduce((sum, { unlisted }) => sum + unlisted, 0),
  };
}

function momentsIn(path: string): string[] {
  const names = readFolder(path);
  if (names.includes(INDEX_FILE)) return [path];
  const moments = names.sort(compareCodeUnits).flatMap((name) => {
    const folder = join(path, name);
    return existsSync(join(folder, INDEX_FILE)) ? [folder] : [];
  });
  if (moments.length > 0) return moments;
  throw new WhereforeError(
    'file-unreadable',
    `${path} holds no recorded answers: neither it nor a folder in it has an ${INDEX_FILE}`,
    {
      hint: 'Name the folder of one moment, or the folder of all moments.',
    },
  );
}

function readMoment(folder: string): RecordedFolders {
  const place = join(basename(folder), INDEX_FILE);
  const bytes = readBytes(join(folder, INDEX_FILE));
  const index = readAnswerIndex(bytes);
  const files = readdirSync(folder).length - 1;
  if ('code' in index) {
    return { answers: [], refused: [{ rejection: index, place, text: excerptOf(bytes) }], unlisted: files };
  }
  const listed = new Set(index.answers.map(({ name }) => `${name}.json`));
  return {
    answers: index.answers.map((answer) => {
      const { name } = answer;
      return {
        answer,
        isRead: answerDatasources(name).length > 0,
        folder,
        place: join(basename(folder), `${name}.json`),
      };
    }),
    refused: index.rejected.map((rejection) => ({ rejection, place, text: place })),
    unlisted: readdirSync(folder).filter((name) => name !== INDEX_FILE && !listed.has(name)).length,
  };
}

/** The body of an answer, or why there is none; `excerpt` is what there is of it. */
export type AnswerBody = { readonly body: Json } | { readonly rejection: Rejection; readonly excerpt: string };

/** Reads the body of an answer: a file of JSON. Never throws. */
export function readBody({ answer, folder }: PlacedAnswer): AnswerBody {
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(folder, `${answer.name}.json`));
  } catch (cause) {
    const { message } = unreadable(`${answer.name}.json`, cause);
    return { rejection: { code: 'file-unreadable', message: `${message}.` }, excerpt: '' };
  }
  const read = readJson(bytes, `${answer.name}.json`);
  return 'code' in read ? { rejection: read, excerpt: excerptOf(bytes) } : { body: read.value };
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}
