import { Terminal } from './terminal';

/** A terminal whose output can be read, with a clock that stands still. */
export interface RecordingTerminal {
  readonly terminal: Terminal;
  readonly out: () => string;
  readonly err: () => string;
}

export interface RecordingOptions {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly env?: { readonly [name: string]: string };
  readonly nowMs?: () => number;
}

/** Makes a terminal for tests. */
export function recordingTerminal(options: RecordingOptions = {}): RecordingTerminal {
  const { isTTY = false, columns = 100, env = {}, nowMs = () => 0 } = options;
  const written = { out: '', err: '' };
  const sink = (name: 'out' | 'err') => ({
    write: (text: string) => (written[name] += text),
    isTTY,
    columns,
  });
  const terminal = new Terminal({ stdout: sink('out'), stderr: sink('err'), env, cwd: '/', nowMs });
  return { terminal, out: () => written.out, err: () => written.err };
}
