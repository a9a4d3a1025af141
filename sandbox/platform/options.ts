import type { Clock } from '../../src/core/clock.ts'

/** A Facebook app, as its developer registered it. `pageTokens` are the page access tokens it may use, by page id. */
export type AppOptions = {
  readonly appId: string
  readonly appSecret: string
  readonly verifyToken: string
  readonly pageTokens: Readonly<Record<string, string>>
  readonly callbackUrl: string
  /** The app has the Human Agent feature (default true). */
  readonly humanAgent?: boolean
}

/** `defaultAppId`: the app that speaks when nobody owns the thread; null = no default app (reference §14). First app otherwise. */
export type PageOptions = {
  readonly id: string
  readonly name: string
  readonly defaultAppId?: string | null
}

/** What follows a webhook that was not answered 200 in time: some retries at once, then waits (the last one repeats). */
export type RetrySchedule = { readonly immediate: number; readonly backoffMs: readonly number[] }

export type PlatformOptions = {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  /** How browsers and the bot reach us, without a final slash. Default: `http://localhost:<port>`. */
  readonly publicUrl?: string
  readonly apps: readonly AppOptions[]
  readonly pages: readonly PageOptions[]
  /** Sandbox banks, by name: base addresses whose `POST /sandbox/...` the phone page's buttons may call. */
  readonly bankControl?: Readonly<Record<string, string>>
  readonly clock?: Clock
  /** `message_echoes` webhooks (default true). */
  readonly echoes?: boolean
  /** How late an echo may be told, from and to (default: at once). Late ones come in any order. */
  readonly echoDelayMs?: readonly [number, number]
  /** Time the bot has to answer a webhook (default 5000, reference §5). */
  readonly deadlineMs?: number
  readonly retry?: RetrySchedule
  /** Webhook bodies with `\uXXXX` and `\/` as the real platform writes them (default true); false = plain UTF-8. */
  readonly escapeBodies?: boolean
  /** "Require App Secret": every call needs `appsecret_proof` (default true). */
  readonly requireProof?: boolean
  /** Delivery and read watermarks (default 'auto'; 'off' when headless). */
  readonly receipts?: 'auto' | 'off'
  /** A PSID nobody knows: refused (100/2018001), or taken in with an open window (load generators that post webhooks themselves). */
  readonly strangers?: 'refuse' | 'welcome'
  /** The platform's own limits on the Send API (default true; false when headless). */
  readonly rateLimits?: boolean
  /** People the page could message before the sandbox began; the daily limit is 200 calls for each (default 500). */
  readonly audience?: number
  /** Parts of a batch run in parallel at the real platform, so their order means nothing (default 'shuffled'; 'as_given' when headless). */
  readonly batchOrder?: 'as_given' | 'shuffled'
  /** Whether apps are installed on their pages from the start, or only by `POST /{page}/subscribed_apps`. */
  readonly subscribed?: 'at_start' | 'by_call'
  /** Up to this many events in one webhook POST when they are waiting (default 1). */
  readonly eventsPerPost?: number
  /** Webhook POSTs in flight at once for each app (default 8). One person's events keep to one lane. */
  readonly lanes?: number
  /** Origins the emulated in-app browser may open, besides those of the apps' callbacks. */
  readonly webviewOrigins?: readonly string[]
  readonly recorder?: { readonly entries?: number; readonly bytes?: number; readonly file?: string }
  /** For benchmarks and kill tests: short transcripts, no receipts, no limits, strangers welcome. Each can be set back by name. */
  readonly headless?: boolean
  readonly seed?: number
}

/** The platform's wait between retries, as ours: the real one is not published beyond "immediately, then less often". */
export const defaultRetry: RetrySchedule = {
  immediate: 2,
  backoffMs: [1_000, 5_000, 15_000, 30_000, 60_000],
}

/** How many PSIDs, messages and so on are kept; what is beyond goes, oldest first. */
export const bounds = {
  transcript: 400,
  transcriptHeadless: 12,
  webhookLog: 600,
  webhookLogHeadless: 64,
  queuedEvents: 200_000,
  orderNumbers: 100_000,
  linkTokens: 5_000,
  attachments: 10_000,
  personas: 1_000,
  templates: 1_000,
  people: 2_000_000,
  alerts: 100,
} as const
