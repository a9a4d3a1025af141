import { isDeepStrictEqual } from 'node:util'
import { hmacHex } from '../../src/core/hmac.ts'
import { textOf, type Kind, kindOfReply, repliesTo } from './speech.ts'

/** Everything that is known after a run, from all who were there: the people, the platform, the database, the log. */
export type Evidence = {
  /** What people wrote. */
  readonly written: readonly { readonly psid: string; readonly text: string }[]
  /** People who were linked before; the others meet the bot for the first time. */
  readonly linked: ReadonlySet<string>
  /** The inbox, opened, in the order in which it was accepted. */
  readonly inbox: readonly { readonly psid: string; readonly text: string; readonly state: number }[]
  /** The outbox, opened. `entry`: what the log holds at its place. */
  readonly outbox: readonly OutboxRow[]
  /** What the platform took, in its order. */
  readonly accepted: readonly Accepted[]
  /** Commitments of every disclosure entry in the log. */
  readonly logged: readonly string[]
  /** Faults that the audit of the whole log found. */
  readonly audit: readonly string[]
  /** Webhooks the platform gave up, or still has. */
  readonly unanswered: number
}
export type OutboxRow = {
  readonly id: string
  readonly psid: string
  readonly state: number
  readonly mid: string | null
  readonly salt: Buffer
  readonly payload: string
  readonly entry: string | null
}
export type Accepted = {
  readonly psid: string
  readonly mid: string
  readonly metadata: string | undefined
  readonly message: Readonly<Record<string, unknown>>
}

export type Fault = {
  readonly kind:
    | 'unanswered webhook'
    | 'lost'
    | 'invented'
    | 'accepted twice'
    | 'not answered'
    | 'duplicate'
    | 'missing or out of order'
    | 'sent but not logged'
    | 'logged as sent but not sent'
    | 'not settled'
    | 'log'
  readonly says: string
}

const sent = 2

/** Holds the evidence together, one to one, and gives back every contradiction. */
export function check(evidence: Evidence): Fault[] {
  const faults: Fault[] = []
  const fault = (kind: Fault['kind'], says: string): void => void faults.push({ kind, says })
  if (evidence.unanswered > 0)
    fault('unanswered webhook', `${evidence.unanswered} webhooks were never answered 200`)

  // People → inbox.
  const accepted = new Map<string, number>()
  for (const { psid, text, state } of evidence.inbox) {
    accepted.set(`${psid} ${text}`, (accepted.get(`${psid} ${text}`) ?? 0) + 1)
    if (state !== 1) fault('not answered', `"${text}" of ${psid} was accepted and never finished`)
  }
  const written = new Set(evidence.written.map(({ psid, text }) => `${psid} ${text}`))
  for (const one of written) if (!accepted.has(one)) fault('lost', `"${one}" never reached the inbox`)
  for (const [one, times] of accepted) {
    if (!written.has(one)) fault('invented', `"${one}" was never written`)
    if (times > 1) fault('accepted twice', `"${one}" is in the inbox ${times} times`)
  }

  // Inbox → platform: each person's replies are those to the accepted messages, in that order.
  const by = <Item extends { readonly psid: string }>(items: readonly Item[]): Map<string, Item[]> =>
    Map.groupBy(items, ({ psid }) => psid)
  const got = by(evidence.accepted)
  const asked = by(evidence.inbox)
  for (const psid of new Set([...got.keys(), ...asked.keys()])) {
    const want = repliesTo(
      (asked.get(psid) ?? []).map(({ text }) => text),
      evidence.linked.has(psid),
    )
    const have: Kind[] = (got.get(psid) ?? []).map(({ message }) => kindOfReply(textOf(message), psid))
    if (isDeepStrictEqual(want, have)) continue
    const at = want.findIndex((kind, index) => kind !== have[index])
    fault(
      have.length > want.length ? 'duplicate' : 'missing or out of order',
      `${psid} should have got ${want.length} replies and got ${have.length}; from ${at} on: ${want.slice(at, at + 6)} / ${have.slice(at, at + 6)}`,
    )
  }

  // Platform ↔ outbox, by our id and by the platform's.
  const rows = new Map(evidence.outbox.map((row) => [row.id, row]))
  const carried = new Map<string, number>()
  for (const { metadata, mid, psid, message } of evidence.accepted) {
    const row = rows.get(metadata ?? '')
    carried.set(metadata ?? '', (carried.get(metadata ?? '') ?? 0) + 1)
    if (!row) {
      fault('sent but not logged', `${mid} to ${psid} has no row in the outbox`)
      continue
    }
    const { body } = JSON.parse(row.payload) as { body: string }
    if (row.psid !== psid || !isDeepStrictEqual((JSON.parse(body) as { message: unknown }).message, message))
      fault('sent but not logged', `${row.id}: what the platform took is not what was logged`)
    if (row.state !== sent)
      fault('sent but not logged', `${row.id} was taken by the platform and is in state ${row.state}`)
    else if (row.mid !== mid)
      fault('sent but not logged', `${row.id} is known by another message id than the platform's`)
  }
  for (const [id, times] of carried) if (times > 1) fault('duplicate', `${id} was taken ${times} times`)
  for (const { id, state } of evidence.outbox) {
    if (state === sent && !carried.has(id)) fault('logged as sent but not sent', id)
    if (state !== sent) fault('not settled', `${id} is in state ${state}`)
  }

  // Outbox ↔ log.
  const logged = new Map<string, number>()
  for (const commit of evidence.logged) logged.set(commit, (logged.get(commit) ?? 0) + 1)
  for (const { id, salt, payload, entry } of evidence.outbox) {
    const commit = hmacHex(salt, payload)
    if (entry === null) fault('sent but not logged', `${id} has no entry in the log`)
    else if ((JSON.parse(entry) as { commit: string }).commit !== commit)
      fault('log', `the entry of ${id} does not open`)
    if ((JSON.parse(payload) as { id: string }).id !== id)
      fault('log', `the entry of ${id} is about another message`)
    const left = (logged.get(commit) ?? 0) - 1
    if (left >= 0) logged.set(commit, left)
    else fault('sent but not logged', `${id} is not among the log's entries`)
  }
  for (const [commit, left] of logged)
    if (left > 0) fault('log', `an entry ${commit.slice(0, 12)} belongs to no message`)
  for (const says of evidence.audit) fault('log', says)
  return faults
}
