import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
import { dayMs, systemClock, type Clock } from '../../src/core/clock.ts'
import { people, type BankKey } from '../people/people.ts'
import { bounds, defaultRetry, type PlatformOptions, type RetrySchedule } from './options.ts'
import type { ChatMessage, JsonObject, LiveEvent } from './phone/wire.ts'
import { createRandom, type Random } from './random.ts'
import { createMeter, type Meter } from './rate-limit.ts'

/** Meta's own inbox for Pages, as an app (reference §14). */
export const pageInboxAppId = '263902037430900'

/** Every field a Page subscription may name today (reference §1). */
export const webhookFields = [
  'messages',
  'messaging_postbacks',
  'message_deliveries',
  'message_reads',
  'message_echoes',
  'message_edits',
  'message_reactions',
  'messaging_account_linking',
  'messaging_feedback',
  'messaging_handovers',
  'messaging_optins',
  'messaging_policy_enforcement',
  'messaging_referrals',
  'messenger_template_status_update',
  'response_feedback',
  'send_cart',
  'standby',
] as const
export type WebhookField = (typeof webhookFields)[number]

export type App = {
  readonly appId: string
  readonly key: KeyObject
  readonly appSecret: string
  verifyToken: string
  callbackUrl: string
  callback: 'verified' | 'unverified' | 'refused'
  readonly humanAgent: boolean
}

export type Person = {
  readonly psid: string
  readonly firstName: string
  readonly lastName: string
  readonly locale: string
  readonly timeZone: string
  readonly hint: string
  /** Sandbox banks where this person has a login. */
  readonly banks: readonly string[]
}

export type Thread = {
  readonly page: Page
  readonly psid: string
  /** Oldest first, bounded. */
  messages: ChatMessage[]
  started: boolean
  linked: boolean
  blocked: boolean
  lastUserActionAt: number | null
  lastUserMessageAt: number | null
  /** Seq of the person's last act: what follows is a reply to it. */
  lastActSeq: number
  owner: string | null
  ownerUntil: number
  typingUntil: number
  seenAt: number
  readAt: number
}

export type UtilityTemplate = {
  readonly id: string
  readonly name: string
  readonly language: string
  readonly components: readonly JsonObject[]
  readonly named: boolean
  status: 'APPROVED' | 'PENDING' | 'REJECTED'
  reason: string | null
}

export type Page = {
  readonly id: string
  readonly name: string
  readonly defaultAppId: string | null
  readonly threads: Map<string, Thread>
  /** App id → fields it gets from this Page. */
  readonly subscriptions: Map<string, Set<string>>
  /** Messenger profile, by app id. */
  readonly profiles: Map<string, JsonObject>
  readonly personas: Map<string, { readonly id: string; readonly name: string; readonly picture: string }>
  readonly templates: Map<string, UtilityTemplate>
  readonly attachments: Map<string, string>
  readonly orderNumbers: Set<string>
  readonly userRefs: Map<string, string>
  readonly meter: Meter
  restricted: boolean
}

export type LinkToken = {
  readonly pageId: string
  readonly psid: string
  readonly appId: string
  readonly madeAt: number
  used: boolean
}

/** A message the platform took from a bot. The list of these is what really happened, whatever the bot was told. */
export type Accepted = {
  readonly seq: number
  readonly at: number
  readonly pageId: string
  readonly psid: string
  readonly mid: string
  readonly metadata: string | undefined
  readonly message: JsonObject
}

export type World = {
  readonly options: PlatformOptions
  readonly clock: Clock
  readonly random: Random
  readonly headless: boolean
  readonly echoes: boolean
  readonly receipts: boolean
  readonly welcome: boolean
  readonly limits: boolean
  readonly audience: number
  readonly retry: RetrySchedule
  readonly deadlineMs: number
  readonly transcriptLimit: number
  readonly apps: Map<string, App>
  readonly pages: Map<string, Page>
  /** Page token → who it speaks for, and the proof that must come with it. */
  readonly tokens: Map<string, { readonly app: App; readonly page: Page; readonly proof: string }>
  readonly people: Map<string, Person>
  readonly linkTokens: Map<string, LinkToken>
  readonly watchers: Set<(event: LiveEvent) => void>
  readonly acceptedListeners: Set<(accepted: Accepted) => void>
  publicUrl: string
  outage: boolean
  seq: number
  sends: number
  refusedSends: number
}

const midPrefix = randomBytes(9).toString('base64url')
let mids = 0
/** A message id in the platform's look; unique across restarts. */
export const newMid = (): string => `m_${midPrefix}${(++mids).toString(36).padStart(7, '0')}`

const idBase = BigInt(`1${String(randomBytes(4).readUInt32BE()).padStart(10, '0')}000000`)
let ids = 0n
/** A numeric id as text (attachment, persona, template, PSID of a new customer). */
export const newNumericId = (): string => String(idBase + ++ids)

export const appsecretProof = (appSecret: string, token: string): string =>
  createHmac('sha256', appSecret).update(token).digest('hex')

const bankNames: Readonly<Record<BankKey, string>> = {
  harbor: 'Harbor',
  granite: 'Granite',
  erable: 'Érable',
  thistle: 'Thistle',
}

/** Everything the simulator knows, built once from its options. Contradictions stop the start. */
export function createWorld(options: PlatformOptions): World {
  const clock = options.clock ?? systemClock
  const headless = options.headless ?? false
  const world: World = {
    options,
    clock,
    random: createRandom(options.seed ?? 1),
    headless,
    echoes: options.echoes ?? true,
    receipts: (options.receipts ?? (headless ? 'off' : 'auto')) === 'auto',
    welcome: (options.strangers ?? (headless ? 'welcome' : 'refuse')) === 'welcome',
    limits: options.rateLimits ?? !headless,
    audience: options.audience ?? 500,
    retry: options.retry ?? defaultRetry,
    deadlineMs: options.deadlineMs ?? 5_000,
    transcriptLimit: headless ? bounds.transcriptHeadless : bounds.transcript,
    apps: new Map(),
    pages: new Map(),
    tokens: new Map(),
    people: new Map(),
    linkTokens: new Map(),
    watchers: new Set(),
    acceptedListeners: new Set(),
    publicUrl: options.publicUrl ?? '',
    outage: false,
    seq: 0,
    sends: 0,
    refusedSends: 0,
  }
  if (options.pages.length === 0 || options.apps.length === 0)
    throw new Error('the platform needs at least one app and one page')
  for (const page of options.pages)
    world.pages.set(page.id, createPage(world, page.id, page.name, page.defaultAppId))
  for (const given of options.apps) {
    const app: App = {
      appId: given.appId,
      key: createSecretKey(Buffer.from(given.appSecret)),
      appSecret: given.appSecret,
      verifyToken: given.verifyToken,
      callbackUrl: given.callbackUrl,
      callback: 'unverified',
      humanAgent: given.humanAgent ?? true,
    }
    world.apps.set(app.appId, app)
    for (const [pageId, token] of Object.entries(given.pageTokens)) {
      const page = world.pages.get(pageId)
      if (!page) throw new Error(`app ${app.appId} has a token for page ${pageId}, which is not in pages`)
      world.tokens.set(token, { app, page, proof: appsecretProof(app.appSecret, token) })
      if ((options.subscribed ?? 'at_start') === 'at_start')
        page.subscriptions.set(app.appId, new Set(webhookFields))
    }
  }
  for (const person of people) {
    world.people.set(person.psid, {
      psid: person.psid,
      firstName: person.firstName,
      lastName: person.name.slice(person.firstName.length).trim(),
      locale: person.locale.replace('-', '_'),
      timeZone: person.timeZone,
      hint: person.logins.map((login) => bankNames[login.bank]).join(', '),
      banks: person.logins.map((login) => login.bank),
    })
  }
  return world
}

function createPage(world: World, id: string, name: string, defaultAppId: string | null | undefined): Page {
  return {
    id,
    name,
    defaultAppId: defaultAppId === undefined ? (world.options.apps[0]?.appId ?? null) : defaultAppId,
    threads: new Map(),
    subscriptions: new Map(),
    profiles: new Map(),
    personas: new Map(),
    templates: new Map(),
    attachments: new Map(),
    orderNumbers: new Set(),
    userRefs: new Map(),
    meter: createMeter(),
    restricted: false,
  }
}

/** The app that has the thread now: the owner while active, else nobody (reference §14: control ends after 24 h of silence). */
export function ownerOf(world: World, thread: Thread): string | null {
  if (thread.owner !== null && world.clock() >= thread.ownerUntil) thread.owner = null
  return thread.owner
}

export const windowOpen = (world: World, thread: Thread): boolean =>
  thread.lastUserActionAt !== null && world.clock() < thread.lastUserActionAt + dayMs
