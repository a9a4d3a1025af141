import type { Command } from 'commander'
import { command } from './terminal.ts'

/** `guichet serve`. */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('run the gateway; everything comes from the settings')
    .option('--json', 'say that it is ready in JSON')
    .addHelpText('after', '\nStops cleanly on SIGINT and SIGTERM. Logs are JSON lines on standard error.')
    .action(
      command(async ({ json }: { json?: boolean }) => {
        // Loaded here, so that the other commands start without the whole house.
        const [{ runGateway }, { openHouse }] = await Promise.all([
          import('../main.ts'),
          import('../house.ts'),
        ])
        await runGateway(openHouse, { json: json ?? false })
      }),
    )
}
