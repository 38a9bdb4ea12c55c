/**
 * Lints snippets under virtual file names with the real configuration, in a process of its own: jest's
 * module loader cannot load an ESLint configuration that is an ES module.
 *
 * Reads `[{ file, code }]` as JSON from stdin, writes `[{ rules: [...], messages: [...] }]` to stdout.
 * Rules that need types are off, since a virtual file belongs to no program.
 */
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const root = path.resolve(import.meta.dirname, '../..');
const eslint = new ESLint({ cwd: root, overrideConfig: [tseslint.configs.disableTypeChecked] });

const answers = [];
for (const { file, code } of JSON.parse(await text(process.stdin))) {
  const [result] = await eslint.lintText(code, { filePath: path.join(root, file) });
  answers.push({
    rules: result.messages.map((message) => message.ruleId ?? 'parse'),
    messages: result.messages.map((message) => message.message),
  });
}
process.stdout.write(JSON.stringify(answers));
