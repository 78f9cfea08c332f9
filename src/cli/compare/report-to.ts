// --report of `compare`: the file is checked before the run, so that no one waits for a page that cannot be written.

import { CliError } from '../errors.js';
import { printError } from '../print-error.js';

/** Chooses a page of report.ts and makes it of what was found and the command that gave it. */
type MakePage = (pages: typeof import('../../compare/report/report.js'), command: string) => string;

/** Gives what writes the page in the end. */
export async function reportTo(file: string): Promise<(make: MakePage) => void> {
  const { checkReportPath, writeReport } = await import('../../compare/report/report-file.js');
  const pages = await import('../../compare/report/report.js');
  const check = (problem: string | undefined): void => {
    if (problem !== undefined) throw new CliError(problem);
  };
  check(checkReportPath(file));
  return (make) => {
    check(writeReport(file, make(pages, ['evented-demo', ...process.argv.slice(2)].join(' '))));
    printError(`the report is in ${file}; open it in a browser.`);
  };
}
