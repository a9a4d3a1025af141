import { readFileSync, statSync } from 'node:fs'
import type { Command } from 'commander'
import { OperatorError } from '../core/operator-error.ts'
import { type Verdict, verifyFile } from '../tlog/verify.ts'
import { command } from './terminal.ts'

/** A file larger than this is not one of ours. */
const mostBytes = 512 * 1024 * 1024
const collect = (value: string, before: string[]): string[] => [...before, value]

type Options = { key: string[]; witness: string[]; entry?: string; json?: boolean }

/** `guichet verify FILE`: checks a statement or proof file without a database or network. Exit 0 when all of it holds. */
export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description('check a statement or proof file offline')
    .argument('<file>', 'a statement (JSON) or a .tlog-proof file')
    .option(
      '-k, --key <vkey>',
      "the log's key as the bank publishes it, or a file holding it (repeatable)",
      collect,
      [],
    )
    .option(
      '-w, --witness <vkey>',
      'a witness that must have cosigned: its key, or a file holding it (repeatable)',
      collect,
      [],
    )
    .option('--entry <file>', "the entry's bytes, for a proof file that does not carry them")
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      `
Without --key the key named in a statement is used: that shows the file is whole, not whose it is.

  guichet verify statement.json --key "bank.example/log+0123abcd+AS…"
  guichet verify entry-41.tlog-proof --key log.vkey --witness witness.vkey`,
    )
    .action(
      command((file: string, options: Options) => {
        const verdict = verify(file, options)
        process.stdout.write(
          options.json ? `${JSON.stringify(forMachines(verdict), null, 2)}\n` : forPeople(verdict),
        )
        return verdict.ok
      }),
    )
}

function verify(file: string, options: Options): Verdict {
  try {
    const { keys, witnesses } = {
      keys: options.key.flatMap(readKeys),
      witnesses: options.witness.flatMap(readKeys),
    }
    const entry = options.entry === undefined ? undefined : readBounded(options.entry)
    return verifyFile(readBounded(file), { keys, witnesses, entry })
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    return { ok: false, lines: error.faults, origin: null, size: null, cosignedBy: [], entries: [] }
  }
}

function readBounded(path: string): Buffer {
  try {
    if (statSync(path).size <= mostBytes) return readFileSync(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'failed'
    throw new OperatorError('file_unreadable', `${path} cannot be read (${code}).`, { cause: error })
  }
  throw new OperatorError('file_too_large', `${path} is too large to be a statement.`)
}

/** A key given as text, or as the name of a file with one key a line. Throws OperatorError when that cannot be read. */
export function readKeys(given: string): string[] {
  if (/\+[0-9a-f]{8}\+/.test(given)) return [given]
  return readBounded(given)
    .toString()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

const forPeople = (verdict: Verdict): string =>
  `${verdict.lines.map((line) => `${line}\n`).join('')}${verdict.ok ? 'Verified.' : 'NOT verified.'}\n`

const forMachines = (verdict: Verdict) => ({
  ok: verdict.ok,
  origin: verdict.origin,
  size: verdict.size,
  cosignedBy: verdict.cosignedBy,
  lines: verdict.lines,
  entries: verdict.entries.map(({ index, ok, says, entry, payload }) => ({
    index,
    ok,
    says,
    entry: entry && Buffer.from(entry).toString('base64'),
    payload: payload && Buffer.from(payload).toString('utf8'),
  })),
})
