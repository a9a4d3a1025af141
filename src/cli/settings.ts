import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { loadSettings } from '../core/config.ts'
import { settingsReference } from '../core/settings-reference.ts'
import { command, out } from './terminal.ts'

const page = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'settings.md')

/** `guichet settings`: what is in force (no secrets), or the reference of every setting. */
export function registerSettings(program: Command): void {
  program
    .command('settings')
    .description('print the settings in force, without secrets')
    .option('--reference', 'print the reference of every setting instead (Markdown)')
    .option('--write', 'write that reference to docs/reference/settings.md')
    .option('--json', 'answer in JSON')
    .action(
      command((options: { reference?: boolean; write?: boolean }) => {
        if (options.write) {
          writeFileSync(page, settingsReference())
          return out(`Written: ${page}`)
        }
        if (options.reference) return out(settingsReference())
        out(JSON.stringify(loadSettings({ need: 'database' }).config, null, 2))
      }),
    )
}
