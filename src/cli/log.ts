import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { Pool } from 'pg'
import { OperatorError } from '../core/operator-error.ts'
import { isRefusal } from '../core/refusal.ts'
import { type Audit, auditLog } from '../tlog/audit.ts'
import type { StatementItem } from '../tlog/statement.ts'
import type { Tlog } from '../tlog/tlog.ts'
import { runVectors, type VectorResult } from '../tlog/vectors.ts'
import { command, err, out } from './terminal.ts'
import { readKeys } from './verify.ts'

/** What the log commands need, opened only by those that need it. */
export type OpenedLog = {
  readonly db: Pool
  readonly tlog: Tlog
  /**
   * The entries about one customer, oldest first, each with what opens it where that still exists; null when there is no
   * such customer. `customer` is the CUSTOMER argument as typed.
   */
  entriesOf(customer: string): Promise<readonly StatementItem[] | null>
  close(): Promise<void>
}

const collect = (value: string, before: string[]): string[] => [...before, value]
const fail = (says: string): false => {
  err(says)
  return false
}
const count = (many: number, one: string, more = `${one}s`) => `${many} ${many === 1 ? one : more}`

/** `guichet log verify | prove | statement | vectors`. */
export function registerLog(program: Command, open: () => Promise<OpenedLog>): void {
  const log = program
    .command('log')
    .description('the disclosure log: verify it, prove entries, make statements')

  async function withLog(work: (opened: OpenedLog) => Promise<boolean>): Promise<boolean> {
    const opened = await open()
    try {
      return await work(opened)
    } finally {
      await opened.close()
    }
  }

  log
    .command('verify')
    .description('verify the whole log: every entry, tile, checkpoint and cosignature')
    .option(
      '-w, --witness <vkey>',
      'a witness that must have cosigned: its key, or a file holding it (repeatable)',
      collect,
      [],
    )
    .option('-k, --key <vkey>', 'a former key of the log (repeatable)', collect, [])
    .option('--json', 'answer in JSON')
    .action(
      command((options: { witness: string[]; key: string[]; json?: boolean }) =>
        withLog(async ({ db, tlog }) => {
          const audit = await auditLog(db, {
            keys: [tlog.vkey, ...options.key.flatMap(readKeys)],
            witnesses: options.witness.flatMap(readKeys),
            onProgress: progress(),
          })
          out(options.json ? JSON.stringify(audit, null, 2) : auditInWords(audit, tlog.vkey))
          return audit.ok
        }),
      ),
    )

  log
    .command('prove')
    .description('write the proof of one entry (a C2SP tlog-proof file)')
    .argument('<entry>', 'its index in the log, or BATCH/POSITION')
    .option('-o, --out <file>', 'write to a file instead of standard output')
    .action(
      command((entry: string, options: { out?: string }) =>
        withLog(async ({ tlog }) => {
          const named = /^(\d{1,15})(?:\/(\d{1,5}))?$/.exec(entry)
          if (!named) return fail(`"${entry}" names no entry: give its index, or BATCH/POSITION.`)
          const proof =
            named[2] === undefined
              ? await tlog.proveIndex(Number(named[1]))
              : await tlog.prove(named[1] as string, Number(named[2]))
          if (isRefusal(proof))
            return fail(
              proof.refused === 'not_logged_yet'
                ? `Entry ${entry} is recorded and waits for its place in the log. Try again in a few seconds.`
                : `There is no entry ${entry} in the log.`,
            )
          return deliver(
            options.out,
            proof.file,
            `Entry ${proof.index}, proved in the log of ${proof.size}. Verify with: guichet verify`,
          )
        }),
      ),
    )

  log
    .command('statement')
    .description('write the statement of one customer: all entries about them, provable offline')
    .argument('<customer>')
    .option('-o, --out <file>', 'write to a file instead of standard output')
    .action(
      command((customer: string, options: { out?: string }) =>
        withLog(async (opened) => {
          const { tlog } = opened
          const items = await opened.entriesOf(customer)
          if (!items) return fail(`There is no customer ${customer}.`)
          const statement = await tlog.buildStatement(items)
          if (isRefusal(statement))
            return fail(
              `The statement cannot be made: an entry of ${customer} is not in the log (${statement.refused}).`,
            )
          return deliver(
            options.out,
            `${JSON.stringify(statement, null, 2)}\n`,
            `${count(items.length, 'entry', 'entries')} written. Verify with: guichet verify`,
          )
        }),
      ),
    )

  log
    .command('vectors')
    .description('run published test vectors (RFC 9162 proofs, signed notes, checkpoints, tiles)')
    .argument('<dir>', 'a folder laid out as merkle/, notes/, tiles/')
    .option('--json', 'answer in JSON')
    .action(
      command((dir: string, options: { json?: boolean }) => {
        let results: VectorResult[]
        try {
          results = runVectors(dir)
        } catch (error) {
          return fail(`${dir} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'failed'}).`)
        }
        if (results.length === 0)
          return fail(`${dir} holds no vectors: merkle/, notes/ or tiles/ were expected in it.`)
        const failed = results.filter(({ outcome }) => outcome === 'failed').length
        out(options.json ? JSON.stringify(results, null, 2) : vectorsInWords(results))
        return failed === 0
      }),
    )
}

function deliver(file: string | undefined, content: string, says: string): true {
  if (file === undefined) {
    process.stdout.write(content)
    return true
  }
  try {
    writeFileSync(file, content, { mode: 0o600 })
  } catch (error) {
    throw new OperatorError(
      'file_unwritable',
      `${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'failed'}).`,
    )
  }
  err(`${says} ${file}`)
  return true
}

/** A line that counts up, where somebody is looking. */
function progress(): ((done: number, total: number) => void) | undefined {
  if (!process.stderr.isTTY) return undefined
  let shownAt = 0
  return (done, total) => {
    const now = performance.now()
    if (done >= total) process.stderr.write('\r\x1b[K')
    else if (now - shownAt > 200) {
      shownAt = now
      process.stderr.write(`\r\x1b[K${done} of ${total} entries checked`)
    }
  }
}

function auditInWords(audit: Audit, vkey: string): string {
  const lines = [
    `Log ${audit.origin ?? '(nothing signed)'}: ${count(audit.size, 'entry', 'entries')}, ${count(audit.tiles, 'tile')}, ` +
      `${count(audit.checkpoints, 'checkpoint')} checked.`,
    `Key  ${vkey}`,
    ...(audit.root ? [`Root ${audit.root}`] : []),
    ...(audit.waiting > 0
      ? [`${count(audit.waiting, 'entry waits', 'entries wait')} for a place in the tree.`]
      : []),
    ...audit.witnesses.map(({ name, size, time }) =>
      size === null
        ? `The witness ${name} has not cosigned.`
        : `The witness ${name} cosigned up to ${count(size, 'entry', 'entries')} (${new Date((time ?? 0) * 1000).toISOString()}).`,
    ),
    ...audit.faults.map((says) => `FAULT: ${says}`),
    ...(audit.faultCount > audit.faults.length
      ? [`… and ${audit.faultCount - audit.faults.length} more faults.`]
      : []),
    audit.ok
      ? 'Verified: entries, tiles and checkpoints agree.'
      : `NOT verified: ${count(audit.faultCount, 'fault')}.`,
  ]
  return lines.join('\n')
}

function vectorsInWords(results: readonly VectorResult[]): string {
  const tally = (of: readonly VectorResult[]) => {
    const how = (outcome: VectorResult['outcome']) => of.filter((result) => result.outcome === outcome).length
    return `${how('passed')} passed, ${how('failed')} failed, ${how('skipped')} skipped`
  }
  const kinds = [...new Set(results.map(({ kind }) => kind))]
  const wide = Math.max(...kinds.map((kind) => kind.length))
  return [
    ...results
      .filter(({ outcome }) => outcome !== 'passed')
      .map(({ kind, name, outcome }) => `${outcome}: ${kind} ${name}`),
    ...kinds.map(
      (kind) => `${kind.padEnd(wide)}  ${tally(results.filter((result) => result.kind === kind))}`,
    ),
    tally(results),
  ].join('\n')
}
