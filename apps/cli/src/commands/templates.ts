import type { TemplateView } from '@wherefore/contract';
import { isJsonObject, WhereforeError } from '@wherefore/model';
import type { LoadedTemplate } from '@wherefore/templates';
import { stringify } from 'yaml';
import { noteMoment } from '../rendering/moment';
import { readTemplateFiles } from '../run/templateFiles';
import { type FileVerdict, formatVerdict, validateFiles } from '../run/validateFiles';
import { withDesk } from '../sources/chooseDesk';
import type { DeskOptions, TemplateChange } from '../sources/desk';
import { EXIT } from '../terminal/exitCodes';
import { type Column, formatTable } from '../terminal/table';
import type { Terminal } from '../terminal/terminal';
import { count, plain } from '../terminal/text';
import { formatInstant } from '../time/formatTime';
import { readWhen } from '../time/readWhen';

export interface ListOptions extends DeskOptions {
  readonly at?: string;
  readonly json?: boolean;
}

export interface FileOptions extends DeskOptions {
  readonly type?: string;
  readonly json?: boolean;
  readonly overwrite?: boolean;
}

/** `wherefore templates list`. */
export async function listTemplates(options: ListOptions, terminal: Terminal): Promise<void> {
  const when = readWhen(options.at, terminal);
  await withDesk(options, terminal, async (desk) => {
    const answer = await desk.templates(when);
    if (options.json === true) return terminal.json(answer);
    noteMoment(answer.answeredAt, terminal);
    if (answer.templates.length === 0)
      return terminal.note('No templates: nothing is deduced. See "wherefore templates add --help".');
    terminal.data(formatTable(answer.templates, columns(terminal), terminal));
  });
}

/** `wherefore templates show`: the content as YAML, as it is in force. */
export async function showTemplate(idOrName: string, options: ListOptions, terminal: Terminal): Promise<void> {
  await withDesk(options, terminal, async (desk) => {
    const { templates } = await desk.templates({});
    const found = templates.find(({ id }) => id === idOrName) ?? templates.find(({ name }) => name === idOrName);
    if (found === undefined) throw unknownTemplate(idOrName, templates);
    if (options.json === true) return terminal.json(found);
    terminal.aside(
      `${plain(found.name)} (${found.type}), ${found.status}, added ${formatInstant(Date.parse(found.addedAt))}, id ${found.id}`,
    );
    if (found.status === 'ERROR') terminal.warn(plain(found.statusDetails));
    terminal.data(stringify(found.content));
  });
}

/** `wherefore templates validate`: nothing is added, nobody is asked. */
export function validateTemplates(paths: readonly string[], options: FileOptions, terminal: Terminal): void {
  const verdicts = validateFiles(readTemplateFiles(paths, options.type));
  if (options.json === true) terminal.json({ templates: verdicts });
  else for (const verdict of verdicts) terminal.data(describeVerdict(verdict, terminal));
  if (verdicts.some(({ isValid }) => !isValid)) terminal.exitCode = EXIT.failure;
}

/** `wherefore templates add`: all files of one command, or none. */
export async function addTemplates(paths: readonly string[], options: FileOptions, terminal: Terminal): Promise<void> {
  const files = readTemplateFiles(paths, options.type);
  const overwrite = options.overwrite === true;
  await withDesk(options, terminal, async (desk) => {
    // The engine would keep an invalid one as a row in ERROR; here its author is at hand to mend it.
    const { templates } = await desk.templates({});
    const faults = validateFiles(files, loadedOf(templates), overwrite).filter(({ isValid }) => !isValid);
    if (faults.length > 0) {
      throw new WhereforeError('invalid-template', faults.map(formatVerdict).join('\n'), {
        hint: 'Nothing was added.',
      });
    }
    const sources = files.map(({ source }) => source);
    reportChanges(await desk.addTemplates(sources, overwrite), options, terminal);
  });
}

/** The templates in force as the validation of others needs them. */
function loadedOf(templates: readonly TemplateView[]): LoadedTemplate[] {
  return templates.flatMap(({ name, type, status, content }) => {
    if (status !== 'ACTIVE') return [];
    const { metadata } = content;
    const { version, description } = isJsonObject(metadata) ? metadata : {};
    return [
      {
        name,
        version: String(version ?? '1'),
        type: type as LoadedTemplate['type'],
        description: String(description ?? ''),
        path: '',
        content,
      },
    ];
  });
}

/** `wherefore templates delete`. */
export async function deleteTemplates(
  names: readonly string[],
  options: DeskOptions,
  terminal: Terminal,
): Promise<void> {
  await withDesk(options, terminal, async (desk) => {
    reportChanges(await desk.deleteTemplates(names), {}, terminal);
  });
}

function reportChanges(changes: readonly TemplateChange[], { json }: FileOptions, terminal: Terminal): void {
  const { paint } = terminal;
  if (json === true) terminal.json({ templates: changes });
  else {
    for (const { name, change, detail } of changes) {
      const mark = change === 'refused' ? paint.red(change) : paint.green(change);
      terminal.data(`${mark}  ${plain(name)}${detail === '' ? '' : `: ${plain(detail)}`}`);
    }
  }
  if (changes.some(({ change }) => change === 'refused')) terminal.exitCode = EXIT.failure;
}

function describeVerdict(verdict: FileVerdict, { paint }: Terminal): string {
  if (!verdict.isValid) return `${paint.red('invalid')}  ${formatVerdict(verdict)}`;
  const remark = verdict.hint === '' ? '' : `\n    ${verdict.hint}`;
  return `${paint.green('valid')}    ${verdict.file}: ${plain(verdict.name)}${remark}`;
}

function unknownTemplate(idOrName: string, templates: readonly TemplateView[]): WhereforeError {
  const names = templates.map(({ name }) => name);
  return new WhereforeError('unknown-template', `no template is called "${idOrName}"`, {
    hint:
      names.length === 0
        ? 'No templates are loaded.'
        : `There are ${count(names.length, 'template')}: ${names.join(', ')}.`,
  });
}

function columns({ paint }: Terminal): Column<TemplateView>[] {
  return [
    { title: 'NAME', value: ({ name }) => name, isFlexible: true },
    { title: 'TYPE', value: ({ type }) => type },
    {
      title: 'STATUS',
      value: ({ status }) => status,
      paint: (text, { status }) => (status === 'ACTIVE' ? paint.green(text) : paint.red(text)),
    },
    {
      title: 'FAULT',
      value: ({ status, statusDetails }) => (status === 'ERROR' ? statusDetails : ''),
      isFlexible: true,
    },
    { title: 'ADDED', isOptional: true, value: ({ addedAt }) => formatInstant(Date.parse(addedAt)) },
    { title: 'ID', isOptional: true, value: ({ id }) => id, paint: (text) => paint.dim(text) },
  ];
}
