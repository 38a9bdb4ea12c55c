import { ALL_ROUNDS, BEST_ROUND, type Figure, OWN_CORE } from './measure';

/** How figures are printed, one a line. */
export interface Page {
  readonly head: string;
  line(figure: Figure): string;
}

/** What is no figure of its own, but tells how to read one, stands under it: all rounds, the best one, the moment. */
function isAside({ name }: Figure): boolean {
  return (
    name.endsWith(ALL_ROUNDS) ||
    name.endsWith(BEST_ROUND) ||
    name.startsWith(OWN_CORE) ||
    /^calibration loop (before|after) /.test(name)
  );
}

function shownName(figure: Figure): string {
  const ending = [ALL_ROUNDS, BEST_ROUND].find((each) => figure.name.endsWith(each));
  return ending === undefined ? figure.name : ending.slice(2);
}

/** For a terminal. */
export const TEXT: Page = {
  head: '',
  line(figure) {
    const { value, unit, peer, ratio } = figure;
    const shown = value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2);
    const times = ratio === null ? '' : ratio.toFixed(ratio < 10 ? 2 : 0);
    const against = peer === null || ratio === null ? '' : `  ${times}× of ${peer.toLocaleString('en-US')}`;
    const name = isAside(figure) ? `    ${shownName(figure)}` : figure.name;
    return `${name.padEnd(64)} ${shown.padStart(10)} ${unit}${against}\n`;
  },
};

/** The rows of the table in docs/performance.md. */
export const MARKDOWN: Page = {
  head: '| figure | measured | unit | peer or limit | ratio |\n|---|---:|---|---:|---:|\n',
  line(figure) {
    const { value, unit, peer, ratio } = figure;
    const against = peer === null || ratio === null ? ['', ''] : [peer.toLocaleString('en-US'), shownNumber(ratio)];
    const name = isAside(figure) ? `*${shownName(figure)}*` : figure.name;
    return `| ${[name, shownNumber(value), unit, ...against].join(' | ')} |\n`;
  },
};

function shownNumber(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value < 10 ? 2 : 0);
}
