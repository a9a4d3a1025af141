import { createHmac } from 'node:crypto'
import type { Accepted } from '../../sandbox/platform/world.ts'
import { exposureRank, type Exposure } from '../../src/consent/exposure.ts'
import { clusterOf, type Field } from '../../src/consent/field.ts'
import type { GrantBody, GrantState } from '../../src/consent/grant.ts'
import type { Purpose } from '../../src/consent/purpose.ts'
import { openWords } from '../../src/core/words.ts'
import type { Policy } from '../../src/disclosure/policy.ts'
import { entriesOf } from '../../src/pipeline/entries.ts'
import type { Contact } from '../../src/pipeline/contacts.ts'
import { pageId, type TestHouse } from '../house.ts'
import type { Canary, CanaryCustomer } from './canary.ts'
import { receivedOf, type Received } from './received.ts'
import type { Search } from './search.ts'

/** What the one who ran the conversations knows of them, and the house need not tell. */
export type Knowledge = {
  readonly search: Search
  /** Whose figures may be spoken of in which chat, by PSID. */
  readonly customers: ReadonlyMap<string, readonly CanaryCustomer[]>
  readonly policies: ReadonlyMap<string, Policy>
  /** What a person wrote themselves: the platform knew it before we did. */
  readonly wrote: ReadonlyMap<string, string>
  /** How often a person tapped "show here, this once". */
  readonly onceTaps: ReadonlyMap<string, number>
  /** Withdrawals that were said to be done, with the clock's time of it. */
  readonly takenBack: readonly { psid: string; institution: string; purpose: Purpose | null; at: number }[]
  /** When only nudges may go into a chat, because its owner may have changed. */
  readonly frozen: ReadonlyMap<string, readonly { from: number; until: number }[]>
  /** Log entries opened before their customer was erased. */
  readonly erased: ReadonlyMap<string, Opened[]>
  /** What the platform took; null when what became of messages is not to be judged. */
  readonly accepted: readonly Accepted[] | null
  /** Contacts whose messages are not judged. */
  readonly leftOut?: ReadonlySet<string>
}

/** A log entry with what opens it. */
export type Opened = Awaited<ReturnType<typeof entriesOf>>[number]

export type Audit = {
  readonly messages: number
  readonly entries: number
  /** Canaries found in what the platform received. */
  readonly hits: number
  readonly ownWords: number
  /** What nobody can answer for. */
  readonly unaccounted: readonly string[]
}

type Payload = {
  readonly at: number
  readonly body: string
  readonly facts: readonly { field: Field; exposure: Exposure }[]
  readonly grant: { id: string; version: number } | null
  readonly id: string
  readonly institution: string | null
  readonly once: boolean
  readonly purpose: Purpose | null
}
type Consent = {
  readonly grantId: string
  readonly version: number
  readonly state: GrantState
  readonly body: GrantBody
  readonly batchId: number
}
type Account = { readonly psid: string; readonly payload: Payload; readonly batchId: number }

/** What the house holds of the person behind a PSID; null when nothing (any more). */
export async function contactOf(house: TestHouse, psid: string): Promise<Contact | null> {
  const { contacts } = house.engine
  const ref = contacts.refOf({ channel: 'messenger', account: pageId, user: psid })
  return (await contacts.open([ref])).get(ref.contactId) ?? null
}

/** Every entry of the house's log, opened by its customer's key; consents apart, by PSID, in the log's order. */
async function openLog(
  house: TestHouse,
  knowledge: Pick<Knowledge, 'erased'>,
  psids: ReadonlySet<string>,
  wrong: (say: string) => void,
) {
  const accounts = new Map<string, Account>()
  const consents = new Map<string, Consent[]>()
  const all: [psid: string, opened: Opened[]][] = []
  for (const psid of psids) {
    const contact = await contactOf(house, psid)
    all.push([
      psid,
      [...(knowledge.erased.get(psid) ?? []), ...(contact ? await entriesOf(house.db, contact) : [])],
    ])
  }
  // After the openings, so that what background work logs meanwhile is an entry without an opening and not the reverse.
  const entries = new Map((await logEntries(house)).map((entry) => [entry.commit, entry] as const))
  for (const [psid, opened] of all) {
    for (const { batchId, opening } of opened) {
      if (!opening) continue
      const text = Buffer.from(opening.payload).toString('utf8')
      const commit = createHmac('sha256', opening.salt).update(text).digest('hex')
      const entry = entries.get(commit)
      if (!entry) wrong(`an entry of ${psid} is not in the log`)
      else if (entry.used++ > 0) wrong(`two things of ${psid} claim one log entry`)
      const payload = JSON.parse(text) as Payload & { type?: string } & Omit<Consent, 'batchId'>
      if (payload.type === 'consent')
        consents.set(psid, [...(consents.get(psid) ?? []), { ...payload, batchId: Number(batchId) }])
      else if (typeof payload.body === 'string')
        accounts.set(payload.id, { psid, payload, batchId: Number(batchId) })
    }
  }
  return { entries, accounts, consents }
}

/** The log as anyone can read it: by its public tiles. */
async function logEntries(house: TestHouse): Promise<{ commit: string; used: number }[]> {
  const wanted = Number(
    (await house.db.query<{ n: string }>('select coalesce(sum(entry_count), 0) as n from tlog_batch')).rows[0]
      ?.n,
  )
  const size = async (): Promise<number> =>
    Number((await (await fetch(`${house.url}/log/checkpoint`)).text()).split('\n')[1])
  for (let tries = 0; tries < 600 && (await size()) < wanted; tries++)
    await new Promise((resolve) => setTimeout(resolve, 25))
  const all: { commit: string; used: number }[] = []
  for (let from = 0; from < wanted; from += 256) {
    const name = String(from / 256).padStart(3, '0')
    const width = Math.min(256, wanted - from)
    const response = await fetch(`${house.url}/log/tile/entries/${name}${width < 256 ? `.p/${width}` : ''}`)
    const bytes = Buffer.from(await response.arrayBuffer())
    for (let at = 0; at < bytes.length; ) {
      const length = bytes.readUInt16BE(at)
      all.push({
        commit: (JSON.parse(bytes.toString('utf8', at + 2, at + 2 + length)) as { commit: string }).commit,
        used: 0,
      })
      at += 2 + length
    }
  }
  return all
}

/**
 * Holds everything that the platform received against the log: each message to exactly one entry that commits to its
 * very bytes, and each canary in it to a fact that the entry says was told, under a grant that stood, within the bank's
 * policy. Grants, policies and what was taken back are judged here anew; the gate's own word is not taken for it.
 */
export async function audit(house: TestHouse, knowledge: Knowledge): Promise<Audit> {
  const unaccounted: string[] = []
  const received = receivedOf(house.platform.recorded())
  const { others } = received
  const idOf = (psid: string): string =>
    house.engine.contacts.refOf({ channel: 'messenger', account: pageId, user: psid }).contactId
  const messages = received.messages.filter(({ psid }) => !knowledge.leftOut?.has(idOf(psid)))
  const psids = new Set([...messages.map(({ psid }) => psid), ...knowledge.customers.keys()])
  const log = await openLog(house, knowledge, psids, (say) => unaccounted.push(say))
  let hits = 0
  let ownWords = 0

  for (const other of others)
    for (const canary of knowledge.search.find(other.text, 3)) {
      hits++
      unaccounted.push(`${canary.what} in ${other.where}`)
    }

  const seen = new Map<string, number>()
  for (const message of messages) {
    const account = log.accounts.get(message.id)
    const found = knowledge.search.find(message.raw)
    const wrong = (say: string): void =>
      void unaccounted.push(`${message.id || '(no id)'} to ${message.psid}: ${say}`)
    if (!account) wrong('no log entry')
    else if (!message.carries(account.payload.body) || account.psid !== message.psid)
      wrong('not the bytes that were logged')
    for (const canary of found) {
      hits++
      if (canary.sign.startsWith('zq') && knowledge.wrote.get(message.psid)?.includes(canary.sign)) {
        ownWords++
        continue
      }
      const reason = account
        ? whyNot(canary, account, log.consents.get(message.psid) ?? [], knowledge)
        : 'no log entry'
      if (reason !== null) wrong(`${canary.what} ${canary.sign} of ${canary.customer}: ${reason}`)
    }
    if (!account) continue
    seen.set(message.id, (seen.get(message.id) ?? 0) + 1)
    for (const say of promises(message, account, log.consents.get(message.psid) ?? [], knowledge)) wrong(say)
  }
  if (knowledge.accepted)
    for (const say of await outcomes(house, knowledge.accepted, log.accounts, seen)) unaccounted.push(say)
  for (const [psid, taps] of onceUsed(messages, log.accounts))
    if (taps > (knowledge.onceTaps.get(psid) ?? 0))
      unaccounted.push(`${psid}: shown once ${taps} times, asked ${knowledge.onceTaps.get(psid) ?? 0} times`)
  return { messages: messages.length, entries: log.entries.size, hits, ownWords, unaccounted }
}

/** Null when a canary in a message was rightly told; else why not. */
function whyNot(
  canary: Canary,
  { psid, payload, batchId }: Account,
  consents: readonly Consent[],
  knowledge: Knowledge,
): string | null {
  if (!knowledge.customers.get(psid)?.some(({ id }) => id === canary.customer)) return 'another customer’s'
  if (payload.institution !== canary.institution) return 'another bank’s'
  const fields = canary.fields.filter((field) =>
    payload.facts.some((fact) => fact.field === field && fact.exposure === 'say'),
  )
  if (fields.length === 0) return 'its entry does not say that it was told'
  const [first] = fields
    .map((field) => ceiling(field, canary.accountId, payload, batchId, consents, knowledge))
    .sort((a, b) => exposureRank(b.exposure) - exposureRank(a.exposure))
  return first?.exposure === 'say' ? null : `told, although ${first?.why}`
}

/** How far a fact could rightly be told: the bank's policy and the grant as it stood in the log, judged anew. */
function ceiling(
  field: Field,
  accountId: string | null,
  payload: Payload,
  batchId: number,
  consents: readonly Consent[],
  knowledge: Knowledge,
): { exposure: Exposure; why: string } {
  const { purpose, institution, grant, once } = payload
  if (purpose === null || institution === null || grant === null)
    return { exposure: 'withhold', why: 'no grant is named' }
  const policy = knowledge.policies.get(institution)
  const byPolicy = policy ? bankAllows(policy, purpose, field) : 'withhold'
  const consent = consents.find((one) => one.grantId === grant.id && one.version === grant.version)
  if (!consent || consent.state !== 'active')
    return { exposure: 'withhold', why: 'its grant is not in the log, or had ended' }
  const later = consents.find(
    (one) => one.body.institution === institution && one.version > grant.version && one.batchId < batchId,
  )
  if (later)
    return { exposure: 'withhold', why: `version ${later.version} of the grant was logged before it` }
  const { body } = consent
  if (body.institution !== institution || body.channel !== 'messenger')
    return { exposure: 'withhold', why: 'the grant is for something else' }
  if (payload.at >= body.validUntil) return { exposure: 'withhold', why: 'the grant had reached its end' }
  if (accountId !== null && body.accounts !== 'all' && !body.accounts.includes(accountId))
    return { exposure: 'withhold', why: 'the grant does not cover the account' }
  const agreed = body.items[purpose] ?? 'withhold'
  const byCustomer: Exposure = once && agreed !== 'withhold' ? 'say' : agreed
  return exposureRank(byPolicy) < exposureRank(byCustomer)
    ? { exposure: byPolicy, why: `the bank allows ${byPolicy} (${purpose}, ${field})` }
    : { exposure: byCustomer, why: `the customer agreed to ${agreed} (${purpose})` }
}

/** The bank's ceiling on Messenger, read from the policy's own words. */
function bankAllows(policy: Policy, purpose: Purpose, field: Field): Exposure {
  const cluster = clusterOf(field)
  if (cluster === 'numbers' || cluster === 'identity') return 'mask'
  const rule = policy.purposes[purpose]
  const named =
    rule?.fields?.[field]?.messenger ?? rule?.clusters?.[cluster]?.messenger ?? rule?.messenger ?? 'withhold'
  if (cluster !== 'merchants' && cluster !== 'memos' && cluster !== 'counterparties') return named
  const outside = policy.outsideText[cluster]?.messenger ?? 'withhold'
  return exposureRank(outside) < exposureRank(named) ? outside : named
}

const { t } = openWords('en-US')
const dollars = (minor: number): string => `$${(minor / 100).toLocaleString('en-US')}`
const moneyField = (field: Field): boolean =>
  /^(balance\.(available|current|credit-available)|transaction\.amount|(spending|income)\.total)$/.test(field)

const digits = (figure: string): string => figure.replace(/\D/g, '')

/** What must hold of a message besides its canaries. */
function* promises(
  message: Received,
  { psid, payload, batchId }: Account,
  consents: readonly Consent[],
  knowledge: Knowledge,
): Generator<string> {
  for (const { field, exposure } of payload.facts) {
    if (exposure === 'withhold') continue
    const limit = ceiling(field, null, payload, batchId, consents, knowledge)
    if (exposureRank(exposure) > exposureRank(limit.exposure))
      yield `${field} at ${exposure}, although ${limit.why}`
  }
  const most = Math.max(0, ...payload.facts.map(({ exposure }) => exposureRank(exposure)))
  const frozen = knowledge.frozen
    .get(psid)
    ?.some(({ from, until }) => payload.at > from && payload.at < until)
  if (frozen && most > exposureRank('nudge'))
    yield 'more than a nudge into a chat whose owner may have changed'
  for (const end of knowledge.takenBack) {
    if (
      end.psid !== psid ||
      end.institution !== payload.institution ||
      (end.purpose !== null && end.purpose !== payload.purpose)
    )
      continue
    const consent = consents.find(
      (one) => one.grantId === payload.grant?.id && one.version === payload.grant.version,
    )
    // A grant given again after it is another matter.
    if (
      most >= exposureRank('nudge') &&
      message.at > end.at &&
      (consent?.body.givenAt ?? 0) < end.at &&
      payload.at < end.at
    )
      yield 'sent after its permission was taken back, and said to be'
  }
  // Money is spoken of only where the entry says so: as a figure that was told, or as one of the bank's thresholds.
  // "$1,234.50" in English and Spanish, "1 234,50 $" in French.
  const figures =
    message.text.match(/[$£€]\s?\d+(?:,\d{3})*(?:\.\d+)?|\d{1,3}(?:\s\d{3})*(?:,\d{2})?\s[$£€]/g) ?? []
  const said = payload.facts.some(({ field, exposure }) => moneyField(field) && exposure === 'say')
  const policy = knowledge.policies.get(payload.institution ?? '')
  const banded = payload.facts.some(({ field, exposure }) => moneyField(field) && exposure === 'band')
  const thresholds = new Set(
    banded
      ? Object.values(policy?.bandsMinor ?? {})
          .flat()
          .map((minor) => digits(dollars(minor)))
      : [],
  )
  if (!said)
    for (const figure of figures)
      if (!thresholds.has(digits(figure))) yield `speaks of ${figure}, and its entry does not`
  if (!said && banded && payload.purpose === 'balance' && policy) {
    const own = (knowledge.customers.get(psid) ?? []).filter(
      ({ institution }) => institution === payload.institution,
    )
    if (own.every(({ accounts }) => accounts.length === 0)) return
    const right = new Set(
      own.flatMap(({ accounts }) =>
        accounts.flatMap((one) => [bandOf(one.currentMinor, policy), bandOf(one.availableMinor, policy)]),
      ),
    )
    for (const line of message.text.split('\n').filter((one) => /[$£€]/.test(one)))
      if (![...right].some((band) => line.includes(band)))
        yield `tells a band that is none of this customer's: ${line}`
  }
}

function bandOf(minor: number, policy: Policy): string {
  const thresholds = policy.bandsMinor['USD'] ?? []
  const at = thresholds.findIndex((threshold) => minor <= threshold)
  if (at === -1) return t('band.above', { from: dollars(thresholds.at(-1) ?? 0) })
  return at === 0
    ? t('band.at-most', { limit: dollars(thresholds[0] ?? 0) })
    : t('band.between', { from: dollars(thresholds[at - 1] ?? 0), limit: dollars(thresholds[at] ?? 0) })
}

/** Completeness the other way round: what the house says became of a message is what the platform knows of it. */
async function outcomes(
  house: TestHouse,
  accepted: readonly Accepted[],
  accounts: ReadonlyMap<string, Account>,
  seen: ReadonlyMap<string, number>,
): Promise<string[]> {
  const wrong: string[] = []
  const taken = new Map<string, number>()
  for (const { metadata = '' } of accepted) taken.set(metadata, (taken.get(metadata) ?? 0) + 1)
  const { rows } = await house.db.query<{ message_id: string; state: number; mid: string | null }>(
    'select message_id, state, mid from disclosure_outbox',
  )
  const mids = new Set(accepted.map(({ mid }) => mid))
  for (const { message_id: id, state, mid } of rows) {
    const times = taken.get(id) ?? 0
    if (times > 1) wrong.push(`${id}: taken by the platform ${times} times`)
    if (state === 2 && times === 0) wrong.push(`${id}: noted as sent, and the platform never took it`)
    if (state === 2 && mid !== null && !mids.has(mid))
      wrong.push(`${id}: sent under an id that the platform never gave`)
    if (state !== 2 && times > 0) wrong.push(`${id}: noted as state ${state}, and the platform took it`)
    if (state === 0 || state === 1 || state === 5) wrong.push(`${id}: never settled (state ${state})`)
    if (!accounts.has(id)) wrong.push(`${id}: has no opening`)
  }
  for (const [id] of taken)
    if (!seen.has(id)) wrong.push(`${id}: taken by the platform, and nobody answers for it`)
  return wrong
}

/** "This once" is once: by person, how many messages were said so. */
function onceUsed(
  messages: readonly Received[],
  accounts: ReadonlyMap<string, Account>,
): Map<string, number> {
  const used = new Map<string, Set<string>>()
  for (const { id, psid } of messages)
    if (accounts.get(id)?.payload.once) used.set(psid, (used.get(psid) ?? new Set()).add(id))
  return new Map([...used].map(([psid, ids]) => [psid, ids.size]))
}
