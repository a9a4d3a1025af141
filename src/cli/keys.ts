import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { loadSettings } from '../core/config.ts'
import { newId } from '../core/id.ts'
import { newKek } from '../core/kek.ts'
import { writeLogKey } from '../tlog/note.ts'
import { command, out } from './terminal.ts'

/**
 * Makes the keys of a house in a folder: what wraps customer keys, what signs the log, what we show to banks. A file
 * that is there is kept: a lost key cannot be made again. Gives back which were made.
 */
export function makeKeys(folder: string, origin: string): { name: string; file: string; made: boolean }[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const writeNew = (file: string, text: () => string) => {
    if (existsSync(file)) return false
    writeFileSync(file, text(), { mode: 0o600, flag: 'wx' })
    return true
  }
  const kek = join(folder, 'kek')
  const log = join(folder, 'log.key')
  const client = join(folder, 'client-keys.json')
  return [
    { name: 'kekFile', file: kek, made: writeNew(kek, newKek) },
    { name: 'log.keyFile', file: log, made: !existsSync(log) && writeLogKey(log, origin) !== undefined },
    { name: 'clientKeysFile', file: client, made: writeNew(client, newClientKeys) },
  ]
}

/** A key set with one ES256 key, named by when it was made. */
function newClientKeys(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const kid = newId('key', Date.now())
  return `${JSON.stringify({ keys: [{ ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' }] }, null, 2)}\n`
}

/** `guichet keys FOLDER`. */
export function registerKeys(program: Command): void {
  program
    .command('keys')
    .description('make the keys of a house; keys that are there are kept')
    .argument('<folder>', 'where to write them; readable by this user alone')
    .option('--origin <name>', "the log's name (default: log.origin of the settings)")
    .option('--json', 'answer in JSON')
    .action(
      command((folder: string, options: { origin?: string; json?: boolean }) => {
        const origin = options.origin ?? loadSettings({ need: 'database' }).config.log.origin
        const keys = makeKeys(resolve(folder), origin)
        if (options.json) return out(JSON.stringify({ ok: true, keys }, null, 2))
        for (const { name, file, made } of keys) out(`${made ? 'made' : 'kept'}  ${name.padEnd(14)}  ${file}`)
        out('Back them up apart from the database: without kekFile nothing in it can be read.')
      }),
    )
}
