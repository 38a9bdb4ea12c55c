/**
 * How a suite that cannot run on this machine says so: its only test is skipped, and its title carries the
 * reason. Titles are what jest passes from its workers to the reporter, so nothing else is needed.
 */

const MARK = 'NOT RUN: ';

/** The title of the one skipped test of a suite that cannot run. */
function notRunTitle(reason) {
  return MARK + reason.replace(/\s+/g, ' ').trim();
}

/** The reason in such a title; `undefined` for the title of any other test. */
function notRunReason(title) {
  return title.startsWith(MARK) ? title.slice(MARK.length) : undefined;
}

module.exports = { notRunTitle, notRunReason };
