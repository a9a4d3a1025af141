import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { Pool } from 'pg'
import { loadSettings } from '../core/config.ts'
import { prepareDatabase } from '../core/db/prepare.ts'
import { systemClock } from '../core/clock.ts'
import { fileKek } from '../core/kek.ts'
import { openLogger } from '../core/logger.ts'
import { OperatorError } from '../core/operator-error.ts'
import { one } from '../core/sql.ts'
import { channelKinds } from '../channel/channel.ts'
import { contactRef, type ContactRef } from '../customer/contact.ts'
import { Contacts, type Contact } from '../pipeline/contacts.ts'
import { entriesOf } from '../pipeline/entries.ts'
import { parseLogKey } from '../tlog/note.ts'
import { openTlog, type Tlog } from '../tlog/tlog.ts'
import type { OpenedLog } from './log.ts'
import { command, err, out } from './terminal.ts'

/** How long a running gateway may take to do what a command left for it. */
const gatewayWaitMs = 60_000

type Opened = { pool: Pool; contacts: Contacts; tlog: Tlog; lanes: number; close(): Promise<void> }

/** The database with its keys, beside a running gateway or without one. */
async function openRecordsRoom(name: string): Promise<Opened> {
  const { config, secrets } = loadSettings()
  const log = openLogger('warn')
  const database = await prepareDatabase(config, secrets, { mode: 'attach', command: name, log })
  const key = parseLogKey(secrets.logKey)
  if (!key) {
    await database.close()
    throw new OperatorError(
      'log_key_bad',
      'The log’s signing key is not a log key. `guichet keys DIR` makes one.',
    )
  }
  const tlog = await openTlog({
    pool: database.pool,
    origin: config.log.origin,
    signer: key.signer,
    clock: systemClock,
    log,
    idleMs: 0,
  })
  const contacts = new Contacts({
    pool: database.pool,
    kek: fileKek(secrets.kek),
    lanes: config.lanes,
    capacity: 100,
  })
  return {
    pool: database.pool,
    contacts,
    tlog,
    lanes: config.lanes,
    close: async () => {
      await tlog[Symbol.asyncDispose]()
      await database.close()
    },
  }
}

/** A customer as an operator names one: our contact id, or `messenger:PAGE:PSID`. */
function refOf(text: string, lanes: number, lane: number | null): ContactRef {
  const [kind, account, ...user] = text.split(':')
  const channel = channelKinds.find((name) => name === kind)
  if (channel && account && user.length > 0)
    return contactRef({ channel, account, user: user.join(':') }, lanes)
  if (lane !== null) return { lane, contactId: text }
  throw new OperatorError(
    'customer_unknown',
    `"${text.slice(0, 80)}" names no customer here. Give a contact id, or channel:page:user as in messenger:1234:5678.`,
  )
}

async function find({ pool, contacts, lanes }: Opened, text: string): Promise<Contact | null> {
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
  const row = isId
    ? await one<{ lane: number }>(pool, 'select lane from customer_contact where contact_id = $1', [text])
    : null
  if (isId && !row) return null
  const ref = refOf(text, lanes, row?.lane ?? null)
  return (await contacts.open([ref])).get(ref.contactId) ?? null
}

/** For `guichet log …`. */
export async function openLog(): Promise<OpenedLog> {
  const opened = await openRecordsRoom('guichet log')
  return {
    db: opened.pool,
    tlog: opened.tlog,
    entriesOf: async (customer) => {
      const contact = await find(opened, customer)
      return contact && entriesOf(opened.pool, contact)
    },
    close: opened.close,
  }
}

/** `guichet erase CUSTOMER` and `guichet export CUSTOMER`. */
export function registerCustomer(program: Command): void {
  program
    .command('erase')
    .argument('<customer>', 'a contact id, or channel:page:user')
    .description('erase a customer: permissions, messages, links and their key; prints the report')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      '\nThe running gateway does it, because it holds the customer’s lane: it takes everything back, returns the bank’s\nkey, deletes the rows of every room and destroys the data key. Proofs still verify afterwards.',
    )
    .action(
      command(async (customer: string, options: { json?: boolean }) => {
        const opened = await openRecordsRoom('guichet erase')
        try {
          const contact = await find(opened, customer)
          if (!contact)
            throw new OperatorError(
              'customer_unknown',
              'There is no such customer here (or they are erased already).',
            )
          const { lane, contactId } = contact.ref
          const task = `erase/${randomUUID()}`
          await opened.pool.query(`select graphile_worker.add_job('erase', $1::json, job_key => $2)`, [
            JSON.stringify({ lane, contactId }),
            task,
          ])
          const report = await waitForErasure(opened.pool, contact.ref)
          if (!report)
            throw new OperatorError(
              'gateway_absent',
              'No running gateway took the erasure within a minute. It is queued and happens when one runs: start it with `guichet serve`.',
            )
          if (options.json) out(JSON.stringify({ ok: true, contactId, ...report }, null, 2))
          else {
            out(`Erased at ${report.erasedAt}. The customer’s key is destroyed.`)
            for (const [table, rows] of Object.entries(report.rows))
              out(`  ${table.padEnd(24)} ${rows} row${rows === 1 ? '' : 's'}`)
            out(`The log keeps one line that says so: guichet log prove ${report.batchId}/0`)
          }
        } finally {
          await opened.close()
        }
      }),
    )

  program
    .command('export')
    .argument('<customer>', 'a contact id, or channel:page:user')
    .description('write what is held of a customer (subject access): permissions, every disclosure, proofs')
    .option('-o, --out <file>', 'where to write it; standard output when absent')
    .option('--json', 'JSON (it always is)')
    .action(
      command(async (customer: string, options: { out?: string }) => {
        const opened = await openRecordsRoom('guichet export')
        try {
          const contact = await find(opened, customer)
          if (!contact)
            throw new OperatorError(
              'customer_unknown',
              'There is no such customer here (or they are erased).',
            )
          const { links, grants } = await opened.contacts.money(contact)
          const items = await entriesOf(opened.pool, contact)
          const statement = items.length === 0 ? null : await opened.tlog.buildStatement(items)
          const pack = {
            madeAt: new Date().toISOString(),
            contactId: contact.ref.contactId,
            address: contact.address,
            links: links.map(({ institution, subject, tokens }) => ({
              institution,
              subject,
              tokensHeld: tokens !== null,
            })),
            permissions: grants,
            disclosures: items.map(({ batchId, position, opening }) => ({
              batchId,
              position,
              payload: opening ? Buffer.from(opening.payload).toString('utf8') : null,
            })),
            statement,
          }
          const text = `${JSON.stringify(pack, null, 2)}\n`
          if (options.out) {
            writeFileSync(options.out, text, { mode: 0o600 })
            err(`Written: ${options.out}`)
          } else process.stdout.write(text)
        } finally {
          await opened.close()
        }
      }),
    )
}

async function waitForErasure(
  pool: Pool,
  ref: ContactRef,
): Promise<{ erasedAt: string; rows: Record<string, number>; batchId: string | number } | null> {
  const until = Date.now() + gatewayWaitMs
  while (Date.now() < until) {
    const row = await one<{
      erased_at: Date
      report: { rows: Record<string, number>; batchId: string | number }
    }>(
      pool,
      `select e.erased_at, e.report from customer_erasure e where e.lane = $1 and e.contact_id = $2
          and not exists (select 1 from customer_contact c where c.lane = e.lane and c.contact_id = e.contact_id)
        order by e.erased_at desc limit 1`,
      [ref.lane, ref.contactId],
    )
    if (row) return { erasedAt: row.erased_at.toISOString(), ...row.report }
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  return null
}
