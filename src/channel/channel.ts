import type { Refusal } from '../core/refusal.ts'

/** The channels Guichet speaks, as a closed list. `messenger` and `instagram` share one adapter. */
export const channelKinds = ['messenger', 'instagram', 'whatsapp', 'webchat', 'mcp'] as const
export type ChannelKind = (typeof channelKinds)[number]

/** Where a person can be reached: a channel, our account on it (a Page id), and the platform's id of the person (a PSID). */
export type Address = { readonly channel: ChannelKind; readonly account: string; readonly user: string }

// ---------------------------------------------------------------- coming in

type InboundBase = {
  /** Same event, same key, however often the platform delivers it. At most 200 characters. */
  readonly key: string
  readonly channel: ChannelKind
  /** Our account on the channel (Page id). */
  readonly account: string
  /** The person, or null where the event names none (policy enforcement, a template's status). */
  readonly user: string | null
  /** When it happened at the platform, epoch milliseconds. */
  readonly at: number
  /** Another app owns the thread: read for the record, never answer. */
  readonly standby: boolean
}

/** One event from a platform in our words. Kinds we do not know stay, as `unsupported`, without their content. */
export type Inbound = InboundBase &
  (
    | { readonly kind: 'text'; readonly mid: string; readonly text: string; readonly replyTo?: string }
    | {
        readonly kind: 'choice'
        readonly source: 'quick_reply' | 'postback'
        readonly mid: string | null
        /** Our own payload, or null on standby where the platform keeps it. */
        readonly payload: string | null
        readonly title: string
        readonly ref?: string
      }
    | {
        readonly kind: 'attachment'
        readonly mid: string
        readonly types: readonly string[]
        readonly text?: string
      }
    | { readonly kind: 'edit'; readonly mid: string; readonly text: string; readonly revision: number }
    | { readonly kind: 'deleted'; readonly mid: string }
    | {
        readonly kind: 'reaction'
        readonly mid: string
        readonly action: string
        readonly reaction: string | null
      }
    | { readonly kind: 'referral'; readonly ref: string | null; readonly source: string | null }
    | {
        readonly kind: 'echo'
        readonly mid: string
        /** Who sent it: our app, or a person or another app on the same Page. */
        readonly ours: boolean
        /** Our outbox id, as put into `metadata`. */
        readonly metadata: string | null
      }
    | { readonly kind: 'delivery'; readonly mids: readonly string[]; readonly watermark: number }
    | { readonly kind: 'read'; readonly watermark: number }
    | { readonly kind: 'linked'; readonly code: string }
    | { readonly kind: 'unlinked' }
    | {
        readonly kind: 'optin'
        readonly optinType: string
        readonly ref: string | null
        readonly userRef: string | null
      }
    | {
        readonly kind: 'handover'
        readonly change: 'passed' | 'taken' | 'requested' | 'roles'
        /** The app that owns the thread afterwards, when the event says. */
        readonly owner: string | null
        readonly ours: boolean | null
      }
    /** `warning`, `block`, `unblock`, or whatever the platform adds. */
    | { readonly kind: 'policy_enforcement'; readonly action: string }
    | { readonly kind: 'feedback'; readonly about: 'survey' | 'response' }
    | { readonly kind: 'template_status'; readonly template: string | null; readonly status: string }
    | { readonly kind: 'unsupported'; readonly name: string }
  )
export type InboundKind = Inbound['kind']

// ---------------------------------------------------------------- going out

export type Button =
  | { readonly kind: 'choice'; readonly title: string; readonly payload: string }
  /** Opens a page of ours. `private` hides the platform's share button (always for a sealed card). */
  | { readonly kind: 'url'; readonly title: string; readonly url: string; readonly private: boolean }
  | { readonly kind: 'login'; readonly url: string }
  | { readonly kind: 'logout' }
  | { readonly kind: 'call'; readonly title: string; readonly number: string }
export type QuickReply = { readonly title: string; readonly payload: string }

export type CarouselItem = {
  readonly title: string
  readonly subtitle?: string
  readonly buttons?: readonly Button[]
}
export type ReceiptLine = {
  readonly title: string
  readonly subtitle?: string
  readonly quantity?: number
  readonly priceMinor: number
}
export type Receipt = {
  readonly recipientName: string
  readonly orderNumber: string
  readonly currency: string
  readonly paymentMethod: string
  readonly merchantName?: string
  readonly at?: number
  readonly lines: readonly ReceiptLine[]
  readonly subtotalMinor?: number
  readonly shippingMinor?: number
  readonly taxMinor?: number
  readonly totalMinor: number
  readonly adjustments?: readonly { readonly name: string; readonly amountMinor: number }[]
}

/** What is to be said, independent of the platform. Limits are the channel's: `encode` refuses what does not fit. */
export type Content =
  | { readonly kind: 'text'; readonly text: string; readonly quickReplies?: readonly QuickReply[] }
  | {
      readonly kind: 'buttons'
      readonly text: string
      readonly buttons: readonly Button[]
      readonly quickReplies?: readonly QuickReply[]
    }
  | {
      readonly kind: 'carousel'
      readonly items: readonly CarouselItem[]
      readonly quickReplies?: readonly QuickReply[]
    }
  | { readonly kind: 'receipt'; readonly receipt: Receipt }
  /** An approved template, by name: the only thing that may open a conversation outside the window. */
  | {
      readonly kind: 'template'
      readonly name: string
      readonly language: string
      readonly parameters: readonly string[]
      readonly urlSuffix?: string
    }

/** By which right a message may be sent now. */
export type Route = 'response' | 'update' | 'human_agent' | 'utility'

/** What is known of a thread that decides whether the channel may speak. Times are epoch ms; null = never. */
export type ThreadState = {
  readonly lastUserActionAt: number | null
  readonly standby: boolean
  /** The person blocked us or left: nothing can be delivered. */
  readonly closed: boolean
}

/** Which routes are open now. Empty `routes` = say nothing here. */
export type Window = { readonly routes: readonly Route[]; readonly closesAt: number | null }

/** What is written to the platform: the very bytes of the request body. */
export type Encoded = { readonly body: string }
export type EncodeRefusal = Refusal<
  | 'too_long'
  | 'too_many_buttons'
  | 'too_many_quick_replies'
  | 'too_many_items'
  | 'empty'
  | 'not_https'
  | 'not_offered_here'
  | 'route_closed'
>

declare const clearedMark: unique symbol
/**
 * A message that passed the gate: decided, logged and committed. Only disclosure/clear.ts makes one, and a channel's
 * `send` takes nothing else. Handing over a plain object does not compile.
 */
export type Cleared = {
  readonly [clearedMark]: true
  /** Our outbox id; travels as `metadata` and comes back in the platform's echo. */
  readonly id: string
  readonly to: Address
  /** The exact request body, as logged. */
  readonly body: string
}

/**
 * What became of a send.
 * - `sent`: the platform named its message id.
 * - `not_sent`: proven not to have happened. `retryable` says whether to try again; `effect` what else must change.
 * - `unknown`: may have happened (time-out after the request left, documented ambiguous errors): wait for the echo.
 */
export type Outcome =
  | { readonly state: 'sent'; readonly mid: string }
  | {
      readonly state: 'not_sent'
      readonly code: string
      readonly retryable: boolean
      readonly waitMs?: number
      readonly effect?: 'pause_account' | 'close_contact' | 'window_closed' | 'not_owner'
    }
  | { readonly state: 'unknown'; readonly code: string }

/** A typing indicator or a seen mark. Carries no words, so it needs no clearing. */
export type Act = 'typing_on' | 'typing_off' | 'mark_seen'

/** A platform, as the rest of the house sees it. */
export interface Channel {
  readonly kind: ChannelKind
  /** Pure: which routes are open for this thread at this time. */
  window(thread: ThreadState, now: number): Window
  /** Pure: content → the exact bytes of the send request. `id` goes into the platform's metadata. */
  encode(request: {
    readonly to: Address
    readonly id: string
    readonly content: Content
    readonly route: Route
  }): Encoded | EncodeRefusal
  /**
   * Sends cleared messages; the outcomes come back in the same order. Never throws for outside trouble: that is an
   * outcome. Never two messages of one person in one call.
   */
  send(messages: readonly Cleared[]): Promise<Outcome[]>
  /** Best effort, never awaited for correctness. */
  act(to: Address, act: Act): Promise<void>
}
