import { dayMs, minuteMs } from '../../src/core/clock.ts'
import { fromPerson, type Events } from './events.ts'
import { startLinking, unlink } from './linking.ts'
import { isObject, word } from './phone/loose.ts'
import type { ChatMessage, JsonObject, MenuItem } from './phone/wire.ts'
import { numericAppId } from './send.ts'
import { passTo, takeFor } from './thread-control.ts'
import { addMessage, addNotice, mayAnswer, openThread, setOwner } from './threads.ts'
import { pageView, publish, publishMessage, publishPage, publishThread } from './views.ts'
import { newMid, ownerOf, pageInboxAppId, type App, type Page, type Thread, type World } from './world.ts'

/** What a person can do in a chat, and what the platform can do to it. Each returns what was put in the transcript, if anything. */
export type Acts = ReturnType<typeof createActs>

/** A button as found in what the bot sent. */
export type FoundButton = { readonly message: ChatMessage; readonly button: JsonObject }

/** All buttons of a message, whatever the template: of the text, of the cards, of a utility template. */
export function buttonsOf(message: ChatMessage): JsonObject[] {
  if (message.filled) return [...message.filled.buttons]
  const attachment = message.content?.['attachment']
  const payload = isObject(attachment) && isObject(attachment['payload']) ? attachment['payload'] : {}
  const lists = [
    payload['buttons'],
    ...(Array.isArray(payload['elements'])
      ? (payload['elements'] as unknown[]).map((element) =>
          isObject(element) ? element['buttons'] : undefined,
        )
      : []),
  ]
  return lists.flatMap((list) => (Array.isArray(list) ? (list as unknown[]).filter(isObject) : []))
}

export function quickRepliesOf(message: ChatMessage): JsonObject[] {
  const replies = message.content?.['quick_replies']
  return Array.isArray(replies) ? (replies as unknown[]).filter(isObject) : []
}

export function createActs(world: World, events: Events) {
  const say = (
    thread: Thread,
    via: ChatMessage['via'],
    text: string,
    more: Partial<ChatMessage> = {},
  ): ChatMessage => {
    const message: ChatMessage = {
      seq: ++world.seq,
      mid: newMid(),
      from: 'person',
      at: world.clock(),
      text,
      via,
      edits: 0,
      deleted: false,
      carriage: 'sent',
      ...more,
    }
    thread.lastActSeq = message.seq
    return addMessage(world, thread, message)
  }
  /** A qualifying action: opens the 24-hour window, and wakes the default app if nobody has the thread (reference §7, §14). */
  const touch = (thread: Thread, isMessage: boolean): void => {
    thread.lastUserActionAt = world.clock()
    if (isMessage) thread.lastUserMessageAt = thread.lastUserActionAt
    thread.started = true
    const { defaultAppId } = thread.page
    const owner = ownerOf(world, thread)
    if (owner === null && defaultAppId !== null) setOwner(world, thread, defaultAppId)
    else {
      if (owner !== null) thread.ownerUntil = world.clock() + dayMs
      publishThread(world, thread)
    }
  }
  const carriageOf = (thread: Thread, message: ChatMessage) => (answered: boolean) => {
    message.carriage = answered ? 'delivered' : 'failed'
    publishMessage(world, thread, message)
  }
  const sendMessage = (thread: Thread, name: string, message: ChatMessage, body: JsonObject): ChatMessage => {
    touch(thread, true)
    events.inThread(
      thread,
      'messages',
      name,
      fromPerson(thread, message.at, { message: { mid: message.mid, ...body } }),
      carriageOf(thread, message),
    )
    return message
  }
  const postback = (thread: Thread, title: string, payload: string, referral?: JsonObject): ChatMessage => {
    const message = say(thread, 'postback', title, { payload })
    touch(thread, false)
    const body: JsonObject = { mid: message.mid, title, payload, ...(referral ? { referral } : {}) }
    events.inThread(
      thread,
      'messaging_postbacks',
      'postback',
      fromPerson(thread, message.at, { postback: body }),
      carriageOf(thread, message),
    )
    return message
  }
  const newestFirst = (thread: Thread): ChatMessage[] => thread.messages.toReversed()

  const acts = {
    thread: (page: Page, psid: string): Thread => openThread(world, page, psid),

    text: (thread: Thread, text: string, replyTo?: string): ChatMessage => {
      const message = say(thread, 'text', text, { replyTo })
      return sendMessage(thread, 'message', message, {
        text,
        ...(replyTo === undefined ? {} : { reply_to: { mid: replyTo, is_self_reply: false } }),
      })
    },

    /** Quick replies arrive as messages; they go from the screen with the next message. */
    quickReply: (thread: Thread, title: string, payload: string): ChatMessage =>
      sendMessage(thread, 'quick_reply', say(thread, 'quick_reply', title, { payload }), {
        text: title,
        quick_reply: { payload },
      }),

    /** The newest quick reply with this payload or title. */
    findQuickReply: (thread: Thread, payloadOrTitle: string): { title: string; payload: string } | null => {
      for (const message of newestFirst(thread)) {
        const reply = quickRepliesOf(message).find(
          (one) => one['payload'] === payloadOrTitle || one['title'] === payloadOrTitle,
        )
        if (reply) return { title: word(reply['title']), payload: word(reply['payload']) }
      }
      return null
    },

    /** The newest button with this payload, title or kind (`account_link`). */
    findButton: (thread: Thread, wanted: string): FoundButton | null => {
      for (const message of newestFirst(thread)) {
        const button = buttonsOf(message).find(
          (one) => one['payload'] === wanted || one['title'] === wanted || one['type'] === wanted,
        )
        if (button) return { message, button }
      }
      return null
    },

    postback,

    /** Get Started: only on a chat that has not begun, and only when the Page offers it. */
    getStarted: (thread: Thread, ref?: string): ChatMessage | null => {
      const payload = thread.page.profiles
        .values()
        .toArray()
        .map((profile) => profile['get_started'])
        .find(isObject)?.['payload']
      const referral = ref === undefined ? undefined : { ref, source: 'SHORTLINK', type: 'OPEN_THREAD' }
      return payload === undefined ? null : postback(thread, 'Get Started', word(payload), referral)
    },
    iceBreaker: (thread: Thread, index: number): ChatMessage | null => {
      const item = pageView(world, thread.page, localeOf(thread)).iceBreakers[index]
      return item ? postback(thread, item.question, item.payload) : null
    },
    menu: (thread: Thread, index: number): ChatMessage | MenuItem | null => {
      const item = pageView(world, thread.page, localeOf(thread)).menu[index]
      if (!item) return null
      return item.type === 'postback' ? postback(thread, item.title, item.payload ?? '') : item
    },

    attachment: (
      thread: Thread,
      type: 'image' | 'audio' | 'video' | 'file' | 'location' | 'fallback',
      url = `${world.publicUrl}/phone/sample.svg`,
    ): ChatMessage => {
      const payload: JsonObject =
        type === 'location'
          ? { coordinates: { lat: 45.5, long: -73.57 } }
          : type === 'fallback'
            ? { url, title: 'A link somebody shared' }
            : { url }
      const attachments = [{ type, payload }]
      return sendMessage(thread, `attachment ${type}`, say(thread, 'attachment', '', { attachments }), {
        attachments,
      })
    },
    /** Since 2026-08-30 a sticker comes as one item of type `sticker` (reference §4). */
    sticker: (thread: Thread): ChatMessage => {
      const attachments = [
        {
          type: 'sticker',
          payload: { url: `${world.publicUrl}/phone/thumb.svg`, sticker_id: 369239263222822 },
        },
      ]
      return sendMessage(thread, 'sticker', say(thread, 'sticker', '👍', { attachments }), { attachments })
    },
    unsupported: (thread: Thread): ChatMessage =>
      sendMessage(
        thread,
        'unsupported',
        say(thread, 'attachment', '', { attachments: [{ type: 'unsupported' }] }),
        { is_unsupported: true },
      ),

    react: (thread: Thread, mid: string, emoji: string | null): ChatMessage | null => {
      const message = thread.messages.find((one) => one.mid === mid)
      if (!message) return null
      message.reaction = emoji ?? undefined
      touch(thread, false)
      const body: JsonObject = {
        mid,
        action: emoji === null ? 'unreact' : 'react',
        ...(emoji === null ? {} : { emoji, reaction: reactionNames[emoji] ?? 'other' }),
      }
      publishMessage(world, thread, message)
      events.inThread(
        thread,
        'message_reactions',
        'reaction',
        fromPerson(thread, world.clock(), { reaction: body }),
      )
      return message
    },
    edit: (thread: Thread, mid: string, text: string): ChatMessage | null => {
      const message = thread.messages.find(
        (one) => one.mid === mid && one.from === 'person' && one.via === 'text',
      )
      if (!message || message.edits >= 5) return null
      message.text = text
      message.edits++
      publishMessage(world, thread, message)
      events.inThread(
        thread,
        'message_edits',
        'message_edit',
        fromPerson(thread, world.clock(), { message_edit: { mid, text, num_edit: message.edits } }),
      )
      return message
    },
    remove: (thread: Thread, mid: string): ChatMessage | null => {
      const message = thread.messages.find((one) => one.mid === mid && one.from === 'person')
      if (!message) return null
      message.deleted = true
      message.text = ''
      publishMessage(world, thread, message)
      events.inThread(
        thread,
        'messages',
        'deleted',
        fromPerson(thread, world.clock(), { message: { mid, is_deleted: true } }),
      )
      return message
    },
    /** The person looks at the chat: all that was sent is read. */
    read: (thread: Thread): void => {
      const newest = thread.messages.findLast((message) => message.from === 'page')
      if (!newest || newest.at <= thread.readAt || !world.receipts) return
      thread.readAt = newest.at
      events.inThread(
        thread,
        'message_reads',
        'read',
        fromPerson(thread, world.clock(), { read: { watermark: newest.at } }),
      )
    },
    referral: (thread: Thread, ref: string, source = 'SHORTLINK'): void => {
      if (!thread.started && acts.getStarted(thread, ref)) return
      touch(thread, false)
      events.inThread(
        thread,
        'messaging_referrals',
        'referral',
        fromPerson(thread, world.clock(), { referral: { ref, source, type: 'OPEN_THREAD' } }),
      )
    },
    optIn: (thread: Thread, ref: string, userRef?: string): void => {
      const { page } = thread
      if (userRef !== undefined) page.userRefs.set(userRef, thread.psid)
      const base =
        userRef === undefined
          ? fromPerson(thread, world.clock(), {})
          : { recipient: { id: page.id }, timestamp: world.clock() }
      events.inThread(thread, 'messaging_optins', 'optin', {
        ...base,
        optin: { ref, ...(userRef === undefined ? {} : { user_ref: userRef }) },
      })
    },
    feedback: (thread: Thread, questionId: string, score: string, words?: string): void => {
      const question: JsonObject = {
        type: 'csat',
        payload: score,
        ...(words === undefined ? {} : { follow_up: { type: 'free_form', payload: words } }),
      }
      events.inThread(
        thread,
        'messaging_feedback',
        'feedback',
        fromPerson(thread, world.clock(), {
          messaging_feedback: { feedback_screens: [{ screen_id: 0, questions: { [questionId]: question } }] },
        }),
      )
      addNotice(world, thread, 'You sent your answer.')
    },

    /** The address the Log in button of this message opens now; null when there is no such button. */
    login: (thread: Thread, mid?: string): string | null => {
      const message = newestFirst(thread).find(
        (one) =>
          (mid === undefined || one.mid === mid) &&
          buttonsOf(one).some((button) => button['type'] === 'account_link'),
      )
      const url = message && buttonsOf(message).find((button) => button['type'] === 'account_link')?.['url']
      const app = world.apps.get(message?.appId ?? '')
      return url === undefined || !app ? null : startLinking(world, app, thread, word(url))
    },
    logout: (thread: Thread): void => unlink(world, events, thread),

    // ---------------------------------------------- what happens to a thread

    block: (thread: Thread, blocked: boolean): void => {
      thread.blocked = blocked
      addNotice(
        world,
        thread,
        blocked
          ? `You blocked ${thread.page.name}. It can no longer write to you.`
          : `You unblocked ${thread.page.name}.`,
      )
      publishThread(world, thread)
    },
    /** As if the last act had been a day (or with `week`, a week) ago. */
    closeWindow: (thread: Thread, how: 'day' | 'week' = 'day'): void => {
      const age = (how === 'week' ? 7 : 1) * dayMs + minuteMs
      if (thread.lastUserActionAt !== null)
        thread.lastUserActionAt = Math.min(thread.lastUserActionAt, world.clock() - age)
      if (thread.lastUserMessageAt !== null && how === 'week')
        thread.lastUserMessageAt = Math.min(thread.lastUserMessageAt, world.clock() - age)
      // A day of silence also ends whoever's control it was.
      thread.owner = null
      publishThread(world, thread)
    },
    openWindow: (thread: Thread): void => touch(thread, false),
    /** The thread passes to another app (Meta's inbox unless said), or back to the bot. */
    handOver: (thread: Thread, appId = pageInboxAppId): void => {
      passTo(world, events, thread, appId, 'from the sandbox')
      addNotice(
        world,
        thread,
        appId === pageInboxAppId
          ? `A person at ${thread.page.name} has taken this chat.`
          : 'Another app has taken this chat.',
      )
    },
    handBack: (thread: Thread): void => {
      if (thread.page.defaultAppId === null) return
      passTo(world, events, thread, thread.page.defaultAppId, 'from the sandbox')
      addNotice(world, thread, `The assistant of ${thread.page.name} is back in this chat.`)
    },
    /** Staff answer in Meta's own inbox: it takes the thread, and the bot sees the echo on standby (reference §14). */
    staffReply: (thread: Thread, text: string): ChatMessage => {
      takeFor(world, events, thread, pageInboxAppId, '')
      const message = addMessage(world, thread, {
        seq: ++world.seq,
        mid: newMid(),
        from: 'page',
        at: world.clock(),
        text,
        via: 'inbox',
        content: { text },
        appId: pageInboxAppId,
        persona: `${thread.page.name} staff`,
        edits: 0,
        deleted: false,
        carriage: 'delivered',
      })
      if (world.echoes) {
        events.inThread(thread, 'message_echoes', 'echo', {
          sender: { id: thread.page.id },
          recipient: { id: thread.psid },
          timestamp: message.at,
          message: { mid: message.mid, is_echo: true, app_id: numericAppId(pageInboxAppId), text },
        })
      }
      return message
    },
    /** The platform acts against the Page: warning, block or unblock (with block, sends get 10/1893063). */
    enforce: (
      page: Page,
      action: 'warning' | 'block' | 'unblock',
      reason = 'The Page broke a rule of the sandbox.',
    ): void => {
      if (action !== 'warning') page.restricted = action === 'block'
      events.onPage(page, 'messaging_policy_enforcement', 'policy_enforcement', {
        recipient: { id: page.id },
        timestamp: world.clock(),
        policy_enforcement: { action, ...(action === 'unblock' ? {} : { reason }) },
      })
      publishPage(world, page)
    },
    /** The person deletes the conversation: the platform tells nobody. */
    reset: (thread: Thread): void => {
      Object.assign(thread, {
        messages: [],
        started: false,
        linked: false,
        lastUserActionAt: null,
        lastUserMessageAt: null,
        owner: null,
        typingUntil: 0,
        seenAt: 0,
        readAt: 0,
      })
      publish(world, () => ({ kind: 'cleared', pageId: thread.page.id, psid: thread.psid }))
      publishThread(world, thread)
    },
    /** Any event at all, as the platform would send it in this thread. */
    raw: (thread: Thread, event: JsonObject, field: 'messages' | 'standby' = 'messages'): void =>
      events.inThread(thread, field, 'raw', fromPerson(thread, world.clock(), event)),
    mayAnswer: (thread: Thread, app: App): boolean => mayAnswer(world, thread, app.appId),
  }
  const localeOf = (thread: Thread): string => world.people.get(thread.psid)?.locale ?? 'default'
  return acts
}

/** The platform's names for the emoji of its reaction bar (reference §4). */
const reactionNames: Readonly<Record<string, string>> = {
  '😊': 'smile',
  '😆': 'smile',
  '😠': 'angry',
  '😡': 'angry',
  '😢': 'sad',
  '😮': 'wow',
  '❤': 'love',
  '❤️': 'love',
  '👍': 'like',
  '👎': 'dislike',
}
