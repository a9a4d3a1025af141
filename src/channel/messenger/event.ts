import type { ChannelKind, Inbound } from '../channel.ts'
import {
  type Bag,
  bag,
  canonical,
  idOf,
  keyOf,
  list,
  midOf,
  numberOf,
  type Seen,
  textOf,
  timeOf,
  wholeTextOf,
  wordOf,
} from './read.ts'
import { hash } from 'node:crypto'

/** Where an event was found. */
export type Place = {
  readonly channel: ChannelKind
  /** `entry.id`, when the entry has one. */
  readonly account: string | null
  /** `entry.time` in ms, when given: the time of the batch, used where the event has none of its own. */
  readonly time: number | null
  readonly standby: boolean
  readonly appId: string
  readonly now: number
  readonly seen: Seen
}

/** An event and the name by which it is counted. `event` is null when it cannot even be said whose it is. */
export type Named = { readonly name: string; readonly event: Inbound | null }

// People type up to 20,000 characters into Messenger; the other lengths are those of the Send API (§8).
const longestText = 20_000
const longestPayload = 1_000
const longestTitle = 300
const mostAttachments = 50
const mostMids = 1_000
const clockTolerance = 600_000

type Part = Inbound extends infer Each
  ? Each extends Inbound
    ? Omit<Each, 'channel' | 'account' | 'user' | 'at' | 'standby'>
    : never
  : never
type Read = { readonly part: Part; readonly name: string; readonly needsUser: boolean }

/** One element of `messaging[]` or `standby[]` in our words (§4). Never throws; what is wrong becomes `unsupported`. */
export function readEvent(value: unknown, place: Place): Named {
  const event = bag(value)
  if (event === null) return { name: 'malformed', event: null }
  const sender = bag(event.sender)
  const recipient = bag(event.recipient)
  const message = bag(event.message)
  // An echo is the Page speaking: sender and recipient are swapped (§3).
  const echo = message?.is_echo === true
  const user = idOf((echo ? recipient : sender)?.id, place.seen)
  const account = place.account ?? idOf((echo ? sender : recipient)?.id, place.seen)
  if (account === null) return { name: 'malformed', event: null }

  const happened = timeOf(event.timestamp) ?? place.time
  // A time in the future would hold the messaging window open: the latest an event can be is now.
  const at = happened === null || happened > place.now + clockTolerance ? place.now : happened
  const context: Context = {
    account,
    user: user ?? '',
    at,
    // Never our own clock: the key must be the same when the event is delivered again.
    stamp: happened ?? 0,
    event,
    place,
  }

  let read = readKind(event, message, context)
  if (read.needsUser && user === null) read = unsupported('no_person', context)
  const name = place.standby ? `standby.${read.name}` : read.name
  const base = { channel: place.channel, account, user, at, standby: place.standby }
  return { name, event: { ...base, ...read.part } as Inbound }
}

type Context = {
  readonly account: string
  readonly user: string
  readonly at: number
  readonly stamp: number
  readonly event: Bag
  readonly place: Place
}

/** The key of an event that has no id of its own: page, person, time and content, hashed (§5). */
const contentKey = (prefix: string, context: Context): string =>
  `${prefix}:#${hash(
    'sha256',
    `${context.account}|${context.user}|${context.stamp}|${canonical(context.event)}`,
    'hex',
  )}`

const unsupported = (name: string, context: Context): Read => ({
  part: { kind: 'unsupported', key: contentKey('x', context), name },
  name: `unsupported.${name}`,
  needsUser: false,
})

function readKind(event: Bag, message: Bag | null, context: Context): Read {
  if (message !== null) return readMessage(message, context)
  for (const key of Object.keys(event)) {
    const reader = Object.hasOwn(readers, key) ? readers[key] : undefined
    if (reader === undefined) continue
    const content = bag(event[key])
    return content === null ? unsupported(`malformed_${key}`, context) : reader(content, context)
  }
  return unsupported(foreignName(event), context)
}

const baseFields = new Set(['sender', 'recipient', 'timestamp', 'prior_message', 'hop_context', 'message'])

/** The name of an event we do not read: its own key. Nothing of its content is kept. */
function foreignName(event: Bag): string {
  for (const key of Object.keys(event)) if (!baseFields.has(key)) return wordOf(key)
  return 'message' in event ? 'malformed_message' : 'empty'
}

function readMessage(message: Bag, context: Context): Read {
  const mid = midOf(message.mid)
  if (mid === null) return unsupported('message_without_mid', context)
  if (message.is_echo === true) return readEcho(message, mid, context)
  if (message.is_deleted === true) {
    return { part: { kind: 'deleted', key: keyOf('deleted', mid), mid }, name: 'deleted', needsUser: true }
  }
  const key = keyOf('m', mid)
  const strange = (name: string): Read => ({
    part: { kind: 'unsupported', key, name },
    name: `unsupported.${name}`,
    needsUser: true,
  })
  if (message.is_unsupported === true) return strange('message')

  const text = textOf(message.text, longestText)
  const quickReply = bag(message.quick_reply)
  if (quickReply !== null) {
    const payload = wholeTextOf(quickReply.payload, longestPayload)
    const title = textOf(message.text, longestTitle) ?? ''
    return {
      part: { kind: 'choice', key, source: 'quick_reply', mid, payload, title },
      name: 'quick_reply',
      needsUser: true,
    }
  }
  const types = attachmentTypes(message)
  if (types.length > 0) {
    const part = { kind: 'attachment' as const, key, mid, types }
    return { part: text ? { ...part, text } : part, name: 'attachment', needsUser: true }
  }
  if (!text) return strange(message.text === undefined || text === '' ? 'message_empty' : 'message_malformed')
  const replyTo = midOf(bag(message.reply_to)?.mid)
  const part = { kind: 'text' as const, key, mid, text }
  return { part: replyTo === null ? part : { ...part, replyTo }, name: 'text', needsUser: true }
}

/** The types only: links of attachments are signed, expire and are the customer's. All three forms of a sticker (§4). */
function attachmentTypes(message: Bag): string[] {
  const types: string[] = []
  for (const item of (list(message.attachments) ?? []).slice(0, mostAttachments)) {
    const attachment = bag(item)
    if (attachment === null) continue
    const sticker = bag(attachment.payload)?.sticker_id !== undefined
    types.push(sticker ? 'sticker' : wordOf(attachment.type))
  }
  if (types.length === 0 && message.sticker_id !== undefined && message.sticker_id !== null)
    types.push('sticker')
  // From June to August 2026 a sticker comes twice, as image and as sticker.
  return types.includes('sticker') ? types.filter((type, i) => types.indexOf(type) === i) : types
}

const outboxId = /^[a-z]{2,5}_[A-Za-z0-9_-]{8,64}$/

/** Ours = our app sent it and its metadata has the form of our ids. Whatever else spoke is "a person or another app" (§14). */
function readEcho(message: Bag, mid: string, context: Context): Read {
  const { appId, seen } = context.place
  const metadata = wholeTextOf(message.metadata, 100)
  const ours = idOf(message.app_id, seen) === appId && metadata !== null && outboxId.test(metadata)
  return {
    part: { kind: 'echo', key: keyOf('echo', mid), mid, ours, metadata: ours ? metadata : null },
    name: 'echo',
    needsUser: true,
  }
}

function readHandover(
  change: 'passed' | 'taken' | 'requested',
  newOwner: unknown,
  name: string,
  context: Context,
): Read {
  const owner = newOwner === undefined || newOwner === null ? null : idOf(newOwner, context.place.seen)
  const ours = owner === null ? null : owner === context.place.appId
  return {
    part: { kind: 'handover', key: contentKey('h', context), change, owner, ours },
    name,
    needsUser: change !== 'requested',
  }
}

type Reader = (content: Bag, context: Context) => Read

function readPolicy(content: Bag, context: Context): Read {
  return {
    part: { kind: 'policy_enforcement', key: contentKey('policy', context), action: wordOf(content.action) },
    name: 'policy_enforcement',
    needsUser: false,
  }
}

/** A template's status: from `messaging[]` or from `changes[]`, under either of its names (§7). */
export function readTemplateStatus(content: Bag, context: Context): Read {
  return {
    part: {
      kind: 'template_status',
      key: contentKey('template', context),
      template:
        wholeTextOf(content.message_template_name, 512) ??
        idOf(content.message_template_id, context.place.seen),
      status: wordOf(content.event ?? content.status),
    },
    name: 'template_status',
    needsUser: false,
  }
}

const readers: { readonly [key: string]: Reader } = {
  postback(content, context) {
    const mid = midOf(content.mid)
    const ref = wholeTextOf(bag(content.referral)?.ref, longestPayload)
    const part = {
      kind: 'choice' as const,
      key: mid === null ? contentKey('p', context) : keyOf('p', mid),
      source: 'postback' as const,
      mid,
      payload: wholeTextOf(content.payload, longestPayload),
      title: textOf(content.title, longestTitle) ?? '',
    }
    return { part: ref === null ? part : { ...part, ref }, name: 'postback', needsUser: true }
  },

  message_edit(content, context) {
    const mid = midOf(content.mid)
    const text = textOf(content.text, longestText)
    if (mid === null || text === null) return unsupported('malformed_message_edit', context)
    const revision = numberOf(content.num_edit) ?? 0
    return {
      part: { kind: 'edit', key: keyOf('edit', mid, revision), mid, text, revision },
      name: 'edit',
      needsUser: true,
    }
  },

  reaction(content, context) {
    const mid = midOf(content.mid)
    if (mid === null) return unsupported('malformed_reaction', context)
    const action = wordOf(content.action)
    return {
      part: {
        kind: 'reaction',
        key: keyOf('r', mid, context.user, action, context.stamp),
        mid,
        action,
        reaction: textOf(content.reaction ?? content.emoji, 40),
      },
      name: 'reaction',
      needsUser: true,
    }
  },

  referral(content, context) {
    return {
      part: {
        kind: 'referral',
        key: contentKey('ref', context),
        ref: wholeTextOf(content.ref, longestPayload),
        source: typeof content.source === 'string' ? wordOf(content.source) : null,
      },
      name: 'referral',
      needsUser: true,
    }
  },

  account_linking(content, context) {
    const code = wholeTextOf(content.authorization_code, 512)
    if (content.status === 'linked' && code) {
      return {
        part: { kind: 'linked', key: keyOf('linked', context.user, code), code },
        name: 'linked',
        needsUser: true,
      }
    }
    if (content.status !== 'unlinked') return unsupported('malformed_account_linking', context)
    return {
      part: { kind: 'unlinked', key: keyOf('unlinked', context.account, context.user, context.stamp) },
      name: 'unlinked',
      needsUser: true,
    }
  },

  delivery(content, context) {
    const mids: string[] = []
    for (const item of (list(content.mids) ?? []).slice(0, mostMids)) {
      const mid = midOf(item)
      if (mid !== null) mids.push(mid)
    }
    const watermark = timeOf(content.watermark) ?? context.stamp
    const which = mids.length === 0 ? '' : hash('sha256', mids.join(), 'hex').slice(0, 32)
    return {
      part: {
        kind: 'delivery',
        key: keyOf('d', context.account, context.user, watermark, which),
        mids,
        watermark,
      },
      name: 'delivery',
      needsUser: true,
    }
  },

  read(content, context) {
    // Instagram names a message instead of a watermark: then the time of the event says how far was read.
    const watermark = timeOf(content.watermark) ?? context.stamp
    return {
      part: { kind: 'read', key: keyOf('read', context.account, context.user, watermark), watermark },
      name: 'read',
      needsUser: true,
    }
  },

  optin(content, context) {
    const sender = bag(context.event.sender)
    return {
      part: {
        kind: 'optin',
        key: contentKey('optin', context),
        optinType: typeof content.type === 'string' ? wordOf(content.type) : 'plugin',
        ref: wholeTextOf(content.ref ?? content.payload, longestPayload),
        userRef: wholeTextOf(content.user_ref ?? sender?.user_ref, 512),
      },
      name: 'optin',
      needsUser: false,
    }
  },

  pass_thread_control: (content, context) =>
    readHandover('passed', content.new_owner_app_id, 'handover.passed', context),
  take_thread_control: (content, context) =>
    readHandover('taken', content.new_owner_app_id, 'handover.taken', context),
  // A request changes no owner.
  request_thread_control: (_content, context) =>
    readHandover('requested', null, 'handover.requested', context),
  app_roles(content, context) {
    return {
      part: {
        kind: 'handover',
        key: contentKey('h', context),
        change: 'roles',
        owner: null,
        ours: Object.hasOwn(content, context.place.appId),
      },
      name: 'handover.roles',
      needsUser: false,
    }
  },

  policy_enforcement: readPolicy,
  'policy-enforcement': readPolicy,
  message_template_status_update: readTemplateStatus,
  messenger_template_status_update: readTemplateStatus,

  messaging_feedback(_content, context) {
    return {
      part: { kind: 'feedback', key: contentKey('f', context), about: 'survey' },
      name: 'feedback.survey',
      needsUser: false,
    }
  },
  response_feedback(_content, context) {
    return {
      part: { kind: 'feedback', key: contentKey('f', context), about: 'response' },
      name: 'feedback.response',
      needsUser: false,
    }
  },
}

/** A status change of a template that came as `entry[].changes[]`; other changes are not for us (§3). */
export function readChange(value: unknown, place: Place): Named {
  const change = bag(value)
  const field = change === null ? 'unknown' : wordOf(change.field)
  const content = bag(change?.value)
  const isTemplate =
    field === 'message_template_status_update' || field === 'messenger_template_status_update'
  if (!isTemplate || content === null || place.account === null) {
    return { name: change === null ? 'malformed' : `change.${field}`, event: null }
  }
  const happened = place.time
  const at = happened === null || happened > place.now + clockTolerance ? place.now : happened
  const { account, channel, standby } = place
  const { part, name } = readTemplateStatus(content, {
    account,
    user: '',
    at,
    stamp: happened ?? 0,
    event: content,
    place,
  })
  return { name, event: { channel, account, user: null, at, standby, ...part } as Inbound }
}
