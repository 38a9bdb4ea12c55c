import type { Terminal } from '../terminal/terminal';

type Paint = Terminal['paint'];

/** Colours a text as urgently as a severity is; what is not known stays as it is. */
export function paintSeverity(paint: Paint, severity: string, text = severity): string {
  switch (severity.toUpperCase()) {
    case 'CRITICAL':
      return paint.bold(paint.red(text));
    case 'SEVERE':
    case 'MAJOR':
    case 'ERROR':
      return paint.red(text);
    case 'WARNING':
    case 'MINOR':
      return paint.yellow(text);
    case 'OK':
      return paint.green(text);
    case '':
    case 'N/A':
      return paint.dim(text);
    default:
      return text;
  }
}

/** Colours a text by what an operational state means. */
export function paintState(paint: Paint, operational: string, text = operational): string {
  switch (operational.toUpperCase()) {
    case 'OK':
      return paint.green(text);
    case 'SUBOPTIMAL':
    case 'TRANSIENT':
      return paint.yellow(text);
    case 'ERROR':
    case 'TERMINATING':
    case 'DELETED':
      return paint.red(text);
    default:
      return paint.dim(text);
  }
}
