import type { Command } from 'commander'
import { dayMs, systemClock } from '../core/clock.ts'
import { loadSettings } from '../core/config.ts'
import { openDatabase } from '../core/db/open.ts'
import { OperatorError } from '../core/operator-error.ts'
import { databaseOptions } from '../core/secrets.ts'
import { unclearDays, unclearRows } from '../intent/unclear.ts'
import { command, err, out, table } from './terminal.ts'

/** `guichet nlu unclear`: what customers wrote that was not understood, blotted out, worth labelling. */
export function registerUnclear(nlu: Command): void {
  nlu
    .command('unclear')
    .description('sentences that were not understood, every name and figure blotted out, most often first')
    .option('--days <n>', `how far back, at most ${unclearDays}`, String(unclearDays))
    .option('--most <n>', 'how many', '50')
    .option('--csv', 'as lines of a training file (text,category) whose category is to be filled in')
    .option('--json', 'answer in JSON')
    .action(
      command(async (options: { days: string; most: string; csv?: boolean; json?: boolean }) => {
        const days = whole('--days', options.days, unclearDays)
        const most = whole('--most', options.most, 10_000)
        const { config, secrets } = loadSettings({ need: 'database' })
        await using database = await openDatabase(
          databaseOptions(config, secrets, { mode: 'attach', command: 'guichet nlu unclear', notice: err }),
        )
        const rows = await unclearRows(database.pool, new Date(systemClock() - days * dayMs), most)
        if (options.json) out(JSON.stringify({ keeping: config.understanding.keepUnclear, rows }, null, 2))
        else if (options.csv)
          out(['text,category', ...rows.map(({ words }) => `"${words.replaceAll('"', '""')}",`)].join('\n'))
        else if (rows.length > 0)
          out(
            table(
              ['times', 'language', 'words', 'nearest'],
              rows.map(({ times, language, words, guesses }) => [String(times), language, words, guesses]),
            ),
          )
        else if (config.understanding.keepUnclear) out('Nothing: everything lately was understood.')
        else
          out(
            'Nothing is kept: understanding.keepUnclear is off. With it on, what is not understood is kept 30 days, with every name, figure and rare word blotted out and without whose it was.',
          )
      }),
    )
}

function whole(option: string, text: string, most: number): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw new OperatorError(
      'option_bad',
      `${option} must be a whole number from 1 to ${most}, not "${text}".`,
    )
  return number
}
