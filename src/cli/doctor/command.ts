// `evented-demo doctor`: checks whether this machine is ready for a class.

import { dirname } from 'node:path';
import { Command } from 'commander';
import { terminalSize } from '../../terminal/terminal.js';
import { FAILED } from '../errors.js';
import { type Example, examplesHelp } from '../examples.js';
import { formatOption, numberOption } from '../option-values.js';

interface DoctorFlags {
  readonly port: number;
  readonly format: 'pretty' | 'json';
}

/** Lines are never wider, even on a wider terminal: longer ones are harder to read. */
const WIDTH = 80;

const EXAMPLES: readonly Example[] = [
  [['doctor'], 'all checks'],
  [['doctor', '--port', '8000'], 'for a class that uses port 8000'],
];

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check that this machine is ready for a class')
    .addOption(numberOption('--port', 'the port that must be free', 0, 65_535).default(8080))
    .addOption(formatOption('json'))
    .addHelpText('after', () => examplesHelp(EXAMPLES))
    .action(async (flags: DoctorFlags) => {
      process.exitCode = await doctor(flags);
    });
}

/** Gives the exit status: 1 where something fails. */
async function doctor({ port, format }: DoctorFlags): Promise<number> {
  const [{ examine }, { reportJson, reportText, worstStatus }, { colours }, { ProgressFile }] =
    await Promise.all([
      import('../../doctor/checks.js'),
      import('../../doctor/report.js'),
      import('../../terminal/colours.js'),
      import('../../walkthrough/progress.js'),
    ]);
  const { path } = new ProgressFile(() => {});
  const findings = await examine({ port, stateFolder: path && dirname(path) });
  const columns = Math.min(terminalSize(process.stdout)?.columns ?? WIDTH, WIDTH);
  process.stdout.write(format === 'json' ? reportJson(findings) : reportText(colours(), findings, columns));
  return worstStatus(findings) === 'failing' ? FAILED : 0;
}
