import { readFileSync, statSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
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
    const says = code === 'ENOENT' ? `There is no file ${path}.` : `${path} cannot be read (${code}).`
    throw new OperatorError('file_unreadable', says, { cause: error })
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
  `${verdict.lines.map((line) => `${inWords(line, verdict)}\n`).join('')}${verdict.ok ? 'Verified.' : 'NOT verified.'}\n`

/** A line about a message or a permission of ours in plain words; the bytes themselves are in `--json`. */
function inWords(line: string, { entries }: Verdict): string {
  const payload = entries.find(({ ok, says }) => ok && says === line)?.payload
  const told = payload && toldBy(Buffer.from(payload).toString('utf8'))
  return told ? `${line.slice(0, line.indexOf(' What was logged: '))} ${told}` : line
}

const message = z.object({
  at: z.number(),
  body: z
    .string()
    .transform((body): unknown => JSON.parse(body))
    .pipe(
      z.object({
        message: z.object({
          text: z.string().optional(),
          attachment: z.object({ payload: z.object({ text: z.string() }) }).optional(),
        }),
      }),
    ),
})
const permission = z.object({ type: z.literal('consent'), event: z.string() })

function toldBy(payload: string): string | null {
  try {
    const value: unknown = JSON.parse(payload)
    const agreed = permission.safeParse(value)
    if (agreed.success) return `It records a permission: ${printable(agreed.data.event)}.`
    const sent = message.safeParse(value)
    if (!sent.success) return null
    const { text, attachment } = sent.data.body.message
    const words = text ?? attachment?.payload.text
    return words === undefined
      ? null
      : `Told at ${new Date(sent.data.at).toISOString().slice(0, 16).replace('T', ' ')} UTC: “${printable(words)}”`
  } catch {
    return null
  }
}

/** A file from elsewhere must not move the cursor of a terminal. */
const printable = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .slice(0, 500)

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
