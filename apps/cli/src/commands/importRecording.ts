import { resolve } from 'node:path';
import type { ReadingOptions } from '@wherefore/datasources';
import { WhereforeError } from '@wherefore/model';
import { findAnswers } from '../importing/answerFolders';
import { Importer } from '../importing/importer';
import { describeImport, type ImportReport, reportOf } from '../importing/importReport';
import { NotificationFile } from '../importing/notificationFile';
import { StoreUnderImport } from '../importing/storeUnderImport';
import { Timeline } from '../importing/timeline';
import { readTemplateFiles, type TemplateFile } from '../run/templateFiles';
import { formatVerdict, validateFiles } from '../run/validateFiles';
import { EXIT } from '../terminal/exitCodes';
import type { Terminal } from '../terminal/terminal';
import { formatNumber } from '../terminal/text';
import { formatInstant } from '../time/formatTime';

export interface ImportOptions {
  readonly store: string;
  readonly notifications?: readonly string[];
  readonly api?: readonly string[];
  readonly templates?: readonly string[];
  readonly ports: ReadingOptions['portOwners'];
  readonly json?: boolean;
}

/** `wherefore import`: recorded notifications and answers, brought into a store at the times they bear. */
export async function importRecording(options: ImportOptions, terminal: Terminal): Promise<void> {
  const { cwd } = terminal.surroundings;
  const { notifications = [], api = [], templates = [] } = options;
  const paths = (names: readonly string[]): string[] => [...new Set(names.map((name) => resolve(cwd, name)))];
  if (notifications.length + api.length + templates.length === 0) {
    throw new WhereforeError('usage', 'there is nothing to import', {
      hint: 'Name recorded notifications with --notifications, folders of recorded answers with --api.',
    });
  }
  // What can be wrong with the paths is found before a store is made.
  const templateFiles = readTemplateFiles(paths(templates));
  const folders = findAnswers(paths(api));
  const files: NotificationFile[] = [];
  try {
    for (const path of paths(notifications)) {
      showProgress(terminal, () => `reading the times of ${path}`);
      const file = NotificationFile.open(path);
      files.push(file);
      if (!file.isInOrder) terminal.warn(`${path} is not in the order of its times; its lines are sorted.`);
    }
    const timeline = new Timeline(files, folders, { portOwners: options.ports });
    const report = await bringIn(resolve(cwd, options.store), timeline, templateFiles, terminal);
    if (options.json === true) terminal.json(report);
    else terminal.data(describeImport(report, terminal));
    if (report.isComplete) return;
    terminal.warn('The import was interrupted. The same command goes on with it.');
    terminal.exitCode = EXIT.failure;
  } finally {
    for (const file of files) file.close();
  }
}

async function bringIn(
  folder: string,
  timeline: Timeline,
  templates: readonly TemplateFile[],
  terminal: Terminal,
): Promise<ImportReport> {
  const target = await StoreUnderImport.open(folder, { nowMs: () => terminal.nowMs });
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const faults = validateFiles(templates, target.state.shelf.loaded(), true).filter(({ isValid }) => !isValid);
    if (faults.length > 0) {
      throw new WhereforeError('invalid-template', faults.map(formatVerdict).join('\n'), {
        hint: 'Nothing was imported.',
      });
    }
    const importer = new Importer(timeline, target, {
      templates: templates.map(({ source }) => source),
      signal: interrupted.signal,
      onLearning: (entries) =>
        showProgress(terminal, () => `reading what the store holds: ${formatNumber(entries)} entries`),
      onProgress: ({ read, total, logTimeMs }) =>
        showProgress(
          terminal,
          () => `importing: ${formatNumber(read)} of ${formatNumber(total)}, at ${formatInstant(logTimeMs)}`,
        ),
    });
    await importer.run();
    return reportOf(folder, { timeline, importer, target }, !interrupted.signal.aborted);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await target.close();
  }
}

/** Where nobody looks, the report at the end says all. */
function showProgress(terminal: Terminal, describe: () => string): void {
  if (terminal.surroundings.stderr.isTTY === true) terminal.progress(describe);
}
