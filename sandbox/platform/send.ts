import { dayMs } from '../../src/core/clock.ts'
import type { Events } from './events.ts'
import { errorReply, fail, isFailure, type Failure, type Reply } from './graph-error.ts'
import { checkMessage, routeOf, type SendRoute } from './message-rules.ts'
import { bounds } from './options.ts'
import { isObject, word } from './phone/loose.ts'
import type { ChatMessage, JsonObject } from './phone/wire.ts'
import { meterSend } from './rate-limit.ts'
import { type TemplateContext } from './template-rules.ts'
import { handOver } from './thread-control.ts'
import { fillTemplate, type Filled } from './utility-templates.ts'
import { addMessage, mayAnswer, openThread, setOwner } from './threads.ts'
import { publishMessage, publishThread } from './views.ts'
import {
  newMid,
  newNumericId,
  ownerOf,
  windowOpen,
  type App,
  type Page,
  type Thread,
  type World,
} from './world.ts'

/** A typing bubble ends by itself after 20 s (reference §8). */
const typingMs = 20_000
/** HUMAN_AGENT and CUSTOMER_FEEDBACK: seven days after the person's last message (reference §7). */
const tagWindowMs = 7 * dayMs
const actions = ['typing_on', 'typing_off', 'mark_seen', 'react', 'unreact']

export type Sender = {
  /** `POST /{page}/messages`: refuses as the real platform does, or accepts, echoes and shows. Synchronous. */
  send(app: App, page: Page, body: JsonObject): Reply
}

/** The Send API (reference §6). */
export function createSender(world: World, events: Events): Sender {
  const templateContext = (app: App, page: Page): TemplateContext => ({
    get whitelisted() {
      const domains = page.profiles.get(app.appId)?.['whitelisted_domains']
      return Array.isArray(domains)
        ? domains.filter((domain) => URL.canParse(word(domain))).map((domain) => new URL(word(domain)).origin)
        : []
    },
    orderKnown: (orderNumber) => page.orderNumbers.has(orderNumber),
    attachmentKnown: (attachmentId) => page.attachments.has(attachmentId),
  })

  const findThread = (page: Page, recipient: unknown): { thread: Thread; byRef: boolean } | Failure => {
    if (!isObject(recipient)) return fail('parameter', 'Param recipient must be a non-empty JSON object')
    const { id, user_ref: userRef } = recipient
    const given = typeof id === 'number' ? word(id) : id
    if (typeof given === 'string' && given !== '') {
      const thread = page.threads.get(given)
      if (thread) return { thread, byRef: false }
      if (!world.welcome) return fail('no_user')
      const made = openThread(world, page, given)
      made.started = true
      made.lastUserActionAt = world.clock()
      made.lastUserMessageAt = made.lastUserActionAt
      return { thread: made, byRef: false }
    }
    if (typeof userRef === 'string') {
      const psid = page.userRefs.get(userRef)
      const thread = psid === undefined ? undefined : page.threads.get(psid)
      return thread ? { thread, byRef: true } : fail('no_user')
    }
    return fail('parameter', 'Param recipient needs an id')
  }

  const checkWindow = (app: App, thread: Thread, route: SendRoute, body: JsonObject): Failure | null => {
    if (route === 'UTILITY') return null
    if (route === 'MESSAGE_TAG') {
      const since = thread.lastUserMessageAt
      const open = since !== null && world.clock() < since + tagWindowMs
      if (body['tag'] === 'HUMAN_AGENT' && !app.humanAgent) return fail('permission')
      if (body['tag'] === 'CUSTOMER_FEEDBACK' && templateType(body['message']) !== 'customer_feedback')
        return fail('parameter', 'CUSTOMER_FEEDBACK goes with the customer feedback template only')
      return open ? null : fail('window_closed')
    }
    return windowOpen(world, thread) ? null : fail('window_closed')
  }

  const act = (app: App, thread: Thread, body: JsonObject): Reply => {
    const action = word(body['sender_action'])
    if (!actions.includes(action))
      return errorReply(
        fail(
          'parameter',
          'Param sender_action must be one of {TYPING_ON, TYPING_OFF, MARK_SEEN, REACT, UNREACT}',
        ),
      )
    if (!mayAnswer(world, thread, app.appId)) return errorReply(notOwner(thread))
    if (!windowOpen(world, thread)) return errorReply(fail('window_closed'))
    if (action === 'typing_on' || action === 'typing_off') {
      thread.typingUntil = action === 'typing_on' ? world.clock() + typingMs : 0
      publishThread(world, thread)
    } else if (action === 'mark_seen') {
      thread.seenAt = world.clock()
      publishThread(world, thread)
    } else {
      const payload = isObject(body['payload']) ? body['payload'] : {}
      const target = thread.messages.find((message) => message.mid === payload['message_id'])
      if (!target)
        return errorReply(fail('parameter', 'Param payload[message_id] is not a message of this thread'))
      target.pageReaction = action === 'react' ? word(payload['reaction'] ?? '❤') : undefined
      publishMessage(world, thread, target)
    }
    return { status: 200, body: JSON.stringify({ recipient_id: thread.psid }), psid: thread.psid }
  }

  const notOwner = (thread: Thread): Failure =>
    fail(ownerOf(world, thread) === null ? 'not_owner' : 'other_app_controls')

  const echo = (app: App, thread: Thread, message: JsonObject, mid: string, at: number): void => {
    if (!world.echoes) return
    const { metadata, text, attachment, attachments, template } = message
    const echoed: JsonObject = { mid, is_echo: true, app_id: numericAppId(app.appId) }
    if (metadata !== undefined) echoed['metadata'] = metadata
    if (text !== undefined) echoed['text'] = text
    if (attachment !== undefined) echoed['attachments'] = [attachment]
    if (attachments !== undefined) echoed['attachments'] = attachments
    if (template !== undefined)
      echoed['attachments'] = [
        { type: 'template', payload: { template_type: 'utility', ...(template as JsonObject) } },
      ]
    const tell = (): void =>
      events.inThread(thread, 'message_echoes', 'echo', {
        sender: { id: thread.page.id },
        recipient: { id: thread.psid },
        timestamp: at,
        message: echoed,
      })
    const late = world.options.echoDelayMs
    if (!late) return tell()
    setTimeout(tell, late[0] + world.random.next() * (late[1] - late[0])).unref()
  }

  return {
    send: (app, page, body) => {
      const message = body['message'] as JsonObject | undefined
      // One example of the platform's own guide puts the template beside the message; it is taken as well.
      const content = message ?? (body['template'] === undefined ? undefined : { template: body['template'] })
      if (content !== undefined && body['sender_action'] !== undefined)
        return errorReply(fail('message_and_action'))
      if (world.limits) {
        const limited = meterSend(
          page.meter,
          world.clock(),
          isAudioOrVideo(content),
          page.threads.size + world.audience,
        )
        if (limited) return errorReply(limited)
      }
      const found = findThread(page, body['recipient'])
      if (isFailure(found)) return errorReply(found)
      const { thread } = found
      if (page.restricted) return errorReply(fail('page_restricted'))
      if (thread.blocked) return errorReply(fail('blocked'))
      if (body['sender_action'] !== undefined) return act(app, thread, body)

      const invalid = checkMessage(content, templateContext(app, page)) ?? checkExtras(page, body)
      if (invalid || content === undefined) return errorReply(invalid ?? fail('parameter'))
      const route = routeOf(body)
      if (isFailure(route)) return errorReply(route)
      let filled: Filled | undefined
      if ((content['template'] !== undefined) !== (route === 'UTILITY'))
        return errorReply(
          fail('parameter', 'A utility template goes with messaging_type UTILITY, and nothing else does'),
        )
      if (route === 'UTILITY') {
        const result = fillTemplate(page, content['template'])
        if (isFailure(result)) return errorReply(result)
        filled = result
      }
      if (!mayAnswer(world, thread, app.appId)) return errorReply(notOwner(thread))
      const closed = checkWindow(app, thread, route, body)
      if (closed) return errorReply(closed)
      const control = body['thread_control']
      if (
        control !== undefined &&
        !(isObject(control) && ['pass', 'release'].includes(word(control['control_type'])))
      )
        return errorReply(fail('parameter', 'Param thread_control[control_type] must be pass or release'))

      // From here on the message is sent, whatever the answer will be.
      const at = world.clock()
      const mid = newMid()
      const seq = ++world.seq
      world.sends++
      thread.typingUntil = 0
      if (thread.owner === app.appId) thread.ownerUntil = at + dayMs
      const chat: ChatMessage = {
        seq,
        mid,
        from: 'page',
        at,
        text: typeof content['text'] === 'string' ? content['text'] : '',
        via: 'send_api',
        content,
        filled,
        appId: app.appId,
        metadata: content['metadata'] as string | undefined,
        persona:
          body['persona_id'] === undefined ? undefined : page.personas.get(word(body['persona_id']))?.name,
        replyTo: isObject(body['reply_to']) ? word(body['reply_to']['mid']) : undefined,
        silent: body['notification_type'] === 'NO_PUSH' || body['notification_type'] === 'SILENT_PUSH',
        edits: 0,
        deleted: false,
        carriage: 'delivered',
      }
      addMessage(world, thread, chat)
      rememberOrder(page, content)
      if (world.acceptedListeners.size > 0) {
        const accepted = {
          seq,
          at,
          pageId: page.id,
          psid: thread.psid,
          mid,
          metadata: chat.metadata,
          message: content,
        }
        for (const listener of world.acceptedListeners) listener(accepted)
      }
      if (found.byRef)
        return { status: 200, body: JSON.stringify({ message_id: mid }), psid: thread.psid, mid }
      echo(app, thread, content, mid, at)
      if (world.receipts) {
        events.inThread(thread, 'message_deliveries', 'delivery', {
          sender: { id: thread.psid },
          recipient: { id: page.id },
          timestamp: at,
          delivery: { mids: [mid], watermark: at },
        })
      }
      if (isObject(control)) {
        const passed =
          control['control_type'] === 'pass'
            ? handOver(world, events, app, thread, word(control['app_id']), '')
            : null
        if (isFailure(passed)) return errorReply(passed)
        if (control['control_type'] === 'release') setOwner(world, thread, null)
      }
      const reusable = reusableAttachment(page, content)
      return {
        status: 200,
        body: `{"recipient_id":${JSON.stringify(thread.psid)},"message_id":"${mid}"${reusable === null ? '' : `,"attachment_id":"${reusable}"`}}`,
        psid: thread.psid,
        mid,
      }
    },
  }
}

/** App ids are numbers in webhooks, strings elsewhere; those that do not fit a double stay text. */
export const numericAppId = (appId: string): number | string =>
  Number.isSafeInteger(Number(appId)) ? Number(appId) : appId

const attachmentOf = (message: unknown): JsonObject | null =>
  isObject(message) && isObject(message['attachment']) ? message['attachment'] : null
const templateType = (message: unknown): unknown => {
  const payload = attachmentOf(message)?.['payload']
  return isObject(payload) ? payload['template_type'] : undefined
}
const isAudioOrVideo = (message: unknown): boolean =>
  ['audio', 'video'].includes(word(attachmentOf(message)?.['type']))

function checkExtras(page: Page, body: JsonObject): Failure | null {
  const { persona_id: persona, reply_to: replyTo, notification_type: notification } = body
  if (persona !== undefined && !page.personas.has(word(persona)))
    return fail('parameter', 'Param persona_id is not a persona of this Page')
  if (replyTo !== undefined && !(isObject(replyTo) && typeof replyTo['mid'] === 'string'))
    return fail('parameter', 'Param reply_to[mid] must be a string')
  if (notification !== undefined && !['REGULAR', 'SILENT_PUSH', 'NO_PUSH'].includes(word(notification)))
    return fail('parameter', 'Param notification_type must be one of {REGULAR, SILENT_PUSH, NO_PUSH}')
  return null
}

/** Receipts: an order number is used up by the first that was sent (bounded, oldest forgotten). */
function rememberOrder(page: Page, message: JsonObject): void {
  const payload = attachmentOf(message)?.['payload']
  if (!isObject(payload) || payload['template_type'] !== 'receipt') return
  if (page.orderNumbers.size >= bounds.orderNumbers)
    page.orderNumbers.delete(page.orderNumbers.values().next().value ?? '')
  page.orderNumbers.add(word(payload['order_number']))
}

function reusableAttachment(page: Page, message: JsonObject): string | null {
  const attachment = attachmentOf(message)
  if (!attachment || !isObject(attachment['payload']) || attachment['payload']['is_reusable'] !== true)
    return null
  return keepAttachment(page, word(attachment['type']))
}

/** A reusable attachment of this Page; the oldest goes when there are too many. */
export function keepAttachment(page: Page, type: string): string {
  if (page.attachments.size >= bounds.attachments)
    page.attachments.delete(page.attachments.keys().next().value ?? '')
  const id = newNumericId()
  page.attachments.set(id, type)
  return id
}
