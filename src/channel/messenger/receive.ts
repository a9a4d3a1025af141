import { isUtf8 } from 'node:buffer'
import { hash, timingSafeEqual } from 'node:crypto'
import { hmacHex } from '../../core/hmac.ts'
import { type Refusal, refuse } from '../../core/refusal.ts'
import type { ChannelKind, Inbound } from '../channel.ts'
import { type Named, type Place, readChange, readEvent } from './event.ts'
import { bag, idOf, list, nestsDeeperThan, parseLongNumbers, type Seen, timeOf } from './read.ts'

const headerPattern = /^sha256=[0-9a-f]{64}$/

/** True when the header has the one form that is accepted (§2). Cheap: asked before a body is read. */
export const wellFormedSignature = (header: string | undefined): header is string =>
  header !== undefined && headerPattern.test(header)

/**
 * True when `X-Hub-Signature-256` is the HMAC-SHA256 of these very bytes under one of our app secrets (two while a
 * secret is being replaced). No second attempt on a re-encoded body: §2 says why that passes for English only.
 */
export function verifySignature(
  raw: Buffer,
  header: string | undefined,
  secrets: readonly Buffer[],
): boolean {
  if (!wellFormedSignature(header)) return false
  given.write(header.slice(7), 'latin1')
  let valid = false
  for (const secret of secrets) {
    made.write(hmacHex(secret, raw), 'latin1')
    if (timingSafeEqual(given, made)) valid = true
  }
  return valid
}
/** Both in hex. Nothing here waits, so one of each serves everyone. */
const given = Buffer.alloc(64)
const made = Buffer.alloc(64)

const challengePattern = /^[A-Za-z0-9_.-]{1,256}$/

/** The answer to `GET <callback>?hub.mode=subscribe&…` (§1). The body of a 200 is the challenge and nothing else. */
export function handshake(
  query: URLSearchParams,
  verifyToken: string,
): { readonly status: 200 | 400 | 403; readonly body: string } {
  const mode = query.getAll('hub.mode')
  const token = query.getAll('hub.verify_token')
  const challenge = query.getAll('hub.challenge')
  if (mode.length !== 1 || token.length !== 1 || challenge.length !== 1) return { status: 400, body: '' }
  if (verifyToken === '' || mode[0] !== 'subscribe' || !sameText(token[0] ?? '', verifyToken)) {
    return { status: 403, body: '' }
  }
  // Only what cannot be markup is echoed, so that the address cannot be used to reflect a page.
  return challengePattern.test(challenge[0] ?? '')
    ? { status: 200, body: challenge[0] ?? '' }
    : { status: 400, body: '' }
}

/** Compares texts in a time that says nothing of where they differ, nor of their lengths. */
const sameText = (a: string, b: string): boolean =>
  timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))

/** What was found in a body: events for us, and one name for everything found, also for what is ignored. */
export type Parsed = { readonly events: Inbound[]; readonly names: string[] }
export type ParseRefusal = Refusal<'malformed' | 'unknown_object' | 'too_many_events'>

// WhatsApp, the busier sibling, promises at most 1,000 updates a POST; ten times that is not the platform.
const mostEvents = 10_000
const deepest = 100
const depthCheckedAbove = 4_096

/**
 * A signed body in our words. Refused only as a whole when it is not JSON (`malformed`, 400) or not about a Page or an
 * Instagram account (`unknown_object`, 404); any wrong part inside becomes `unsupported` and hurts no other event.
 * Events are in order of time, and an event that occurs twice in the body is returned once.
 */
export function parse(
  raw: Buffer,
  options: { readonly appId: string; readonly now: number },
): Parsed | ParseRefusal {
  if (!isUtf8(raw)) return refuse('malformed', 'not UTF-8')
  if (raw.length > depthCheckedAbove && nestsDeeperThan(raw, deepest))
    return refuse('malformed', 'nested too deeply')
  const text = raw.toString('utf8')
  try {
    const seen: Seen = { lossy: false }
    const parsed = readBody(JSON.parse(text), options, seen)
    // An id written as a large number: read the body again with its digits kept (§3).
    return seen.lossy ? readBody(parseLongNumbers(text), options, { lossy: false }) : parsed
  } catch (error) {
    if (error instanceof SyntaxError) return refuse('malformed', 'not JSON')
    throw error
  }
}

function readBody(
  body: unknown,
  options: { readonly appId: string; readonly now: number },
  seen: Seen,
): Parsed | ParseRefusal {
  const root = bag(body)
  if (root === null) return refuse('malformed', 'not an object')
  const channel: ChannelKind | null =
    root.object === 'page' ? 'messenger' : root.object === 'instagram' ? 'instagram' : null
  if (channel === null) return refuse('unknown_object')

  const found: Named[] = []
  const entries = list(root.entry)
  if (entries === null || entries.length === 0) {
    found.push({ name: root.entry === undefined || entries ? 'entry.none' : 'malformed', event: null })
  }
  for (const item of entries ?? []) {
    const entry = bag(item)
    if (entry === null) {
      found.push({ name: 'malformed', event: null })
      continue
    }
    const place: Place = {
      channel,
      account: idOf(entry.id, seen),
      time: timeOf(entry.time),
      standby: false,
      appId: options.appId,
      now: options.now,
      seen,
    }
    const before = found.length
    // `messaging` first: a message that occurs in both forms while a thread changes hands is ours to answer.
    for (const event of list(entry.messaging) ?? []) found.push(readEvent(event, place))
    const standby = list(entry.standby)
    if (standby !== null && standby.length > 0) {
      const place2 = { ...place, standby: true }
      for (const event of standby) found.push(readEvent(event, place2))
    }
    for (const change of list(entry.changes) ?? []) found.push(readChange(change, place))
    if (found.length === before) found.push({ name: 'entry.empty', event: null })
    if (found.length > mostEvents) return refuse('too_many_events')
  }
  if (found.length > mostEvents) return refuse('too_many_events')
  return { events: inOrder(found), names: found.map(({ name }) => name) }
}

/** By time (the platform promises no order after an outage), each key once, our own copy before the standby one. */
function inOrder(found: readonly Named[]): Inbound[] {
  const events: Inbound[] = []
  for (const { event } of found) if (event !== null) events.push(event)
  if (events.length < 2) return events
  events.sort((a, b) => a.at - b.at || Number(a.standby) - Number(b.standby))
  const keys = new Set<string>()
  return events.filter(({ key }) => !keys.has(key) && keys.add(key))
}
