/** What the platform tells the phone page over Server-Sent Events, and what it keeps of a chat. Shared by both sides. */

export type JsonObject = { [name: string]: unknown }

/** Where a person's own message is: on the platform, with the bot (webhook answered 200), or not answered. */
export type Carriage = 'sent' | 'delivered' | 'failed'

export type ChatMessage = {
  /** Order within the platform. */
  readonly seq: number
  readonly mid: string
  readonly from: 'person' | 'page' | 'notice'
  readonly at: number
  /** The person's words or the title of what they tapped; the text of a page's plain message; a notice's words. */
  text: string
  readonly via:
    | 'text'
    | 'quick_reply'
    | 'postback'
    | 'attachment'
    | 'sticker'
    | 'send_api'
    | 'inbox'
    | 'notice'
  /** The message object exactly as the bot sent it. */
  readonly content?: JsonObject
  /** A utility template with its blanks filled in. */
  readonly filled?: {
    readonly header?: string
    readonly body: string
    readonly buttons: readonly JsonObject[]
  }
  readonly attachments?: readonly JsonObject[]
  readonly payload?: string
  readonly appId?: string
  readonly metadata?: string
  readonly persona?: string
  readonly replyTo?: string
  readonly silent?: boolean
  /** By the person, and by the page (emoji). */
  reaction?: string
  pageReaction?: string
  edits: number
  deleted: boolean
  carriage: Carriage
}

export type MenuItem = {
  readonly type: 'postback' | 'web_url'
  readonly title: string
  readonly payload?: string
  readonly url?: string
}

export type ThreadView = {
  readonly pageId: string
  readonly psid: string
  readonly started: boolean
  readonly linked: boolean
  readonly blocked: boolean
  /** The 24-hour window ends then, epoch ms; null = never opened. */
  readonly windowUntil: number | null
  readonly owner: 'bot' | 'inbox' | 'other' | 'nobody'
  readonly typing: boolean
  readonly seenAt: number
}

export type PageView = {
  readonly id: string
  readonly name: string
  readonly greeting: string | null
  readonly getStarted: boolean
  readonly composerDisabled: boolean
  readonly menu: readonly MenuItem[]
  readonly iceBreakers: readonly { readonly question: string; readonly payload: string }[]
  readonly commands: readonly { readonly name: string; readonly description: string }[]
  readonly restricted: boolean
}

export type PersonView = {
  readonly psid: string
  readonly name: string
  readonly locale: string
  readonly timeZone: string
  readonly hint: string
  readonly banks: readonly string[]
}

/** One call of the bot to the Graph API, as the platform saw it. */
export type Seen = {
  readonly seq: number
  readonly at: number
  readonly method: string
  readonly path: string
  /** The body as text (tokens blanked), or null for a call without one. */
  readonly body: string | null
  readonly psid: string | null
  readonly pageId: string | null
  readonly status: number | null
  readonly refused: string | null
  readonly batch: boolean
}

export type HookView = {
  readonly seq: number
  readonly at: number
  readonly events: readonly string[]
  readonly psids: readonly string[]
  readonly body: string
  readonly state: 'sending' | 'answered' | 'retrying' | 'lost'
  readonly attempts: readonly {
    readonly status: number | null
    readonly tookMs: number
    readonly why?: string
  }[]
  readonly doubled: boolean
}

export type Counters = {
  readonly sends: number
  readonly refused: number
  readonly webhooksAnswered: number
  readonly webhooksFailed: number
  readonly webhooksLost: number
  readonly webhooksWaiting: number
}

export type Situation = {
  readonly outage: boolean
  readonly callback: 'verified' | 'unverified' | 'refused'
  readonly subscribed: boolean
  readonly alerts: readonly string[]
  readonly double: number
}

export type Hello = {
  readonly now: number
  readonly people: readonly PersonView[]
  readonly pages: readonly PageView[]
  readonly banks: readonly string[]
  readonly bankEvents: readonly { readonly key: string; readonly title: string }[]
  readonly thread: ThreadView
  readonly messages: readonly ChatMessage[]
  /** The last thing said in each of this person's chats. */
  readonly previews: readonly { readonly pageId: string; readonly message: ChatMessage }[]
  readonly seen: readonly Seen[]
  readonly hooks: readonly HookView[]
  readonly counters: Counters
  readonly situation: Situation
}

export type LiveEvent =
  | {
      readonly kind: 'message'
      readonly pageId: string
      readonly psid: string
      readonly message: ChatMessage
    }
  | { readonly kind: 'thread'; readonly pageId: string; readonly psid: string; readonly thread: ThreadView }
  | { readonly kind: 'cleared'; readonly pageId: string; readonly psid: string }
  | { readonly kind: 'page'; readonly page: PageView }
  | { readonly kind: 'person'; readonly person: PersonView }
  | { readonly kind: 'seen'; readonly seen: Seen }
  | { readonly kind: 'hook'; readonly hook: HookView }
  | { readonly kind: 'situation'; readonly situation: Situation }
  | { readonly kind: 'counters'; readonly counters: Counters }
