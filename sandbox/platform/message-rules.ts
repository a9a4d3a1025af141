import { fail, type Failure } from './graph-error.ts'
import { isObject, word } from './phone/loose.ts'
import type { JsonObject } from './phone/wire.ts'
import { checkTemplate, checkText, checkUrl, limits, type TemplateContext } from './template-rules.ts'

const bad = (message: string): Failure => fail('parameter', message)
const mediaTypes = ['image', 'audio', 'video', 'file']

function checkQuickReplies(replies: unknown): Failure | null {
  if (!Array.isArray(replies)) return bad('Param message[quick_replies] must be an array.')
  if (replies.length === 0) return bad('Param message[quick_replies] must be a non-empty array')
  if (replies.length > limits.quickReplies)
    return bad(`Length of param message[quick_replies] must be less than or equal to ${limits.quickReplies}`)
  for (const [index, reply] of replies.entries()) {
    const name = `message[quick_replies][${index}]`
    if (!isObject(reply)) return bad(`Param ${name} must be an object.`)
    const type = reply['content_type']
    if (type === 'user_phone_number' || type === 'user_email') continue
    // `location` is dead.
    if (type !== 'text')
      return bad(`Param ${name}[content_type] must be one of {TEXT, USER_PHONE_NUMBER, USER_EMAIL}`)
    const failure =
      checkText(reply['title'], `${name}[title]`, limits.title) ??
      checkText(reply['payload'], `${name}[payload]`, limits.payload) ??
      (reply['image_url'] === undefined || reply['image_url'] === ''
        ? null
        : checkUrl(reply['image_url'], `${name}[image_url]`))
    if (failure) return failure
  }
  return null
}

function checkAttachment(attachment: unknown, context: TemplateContext): Failure | null {
  if (!isObject(attachment)) return bad('Param message[attachment] must be an object.')
  const payload = attachment['payload']
  if (!isObject(payload)) return bad('Param message[attachment][payload] is required')
  if (attachment['type'] === 'template') return checkTemplate(payload, context)
  if (!mediaTypes.includes(word(attachment['type'])))
    return bad('Param message[attachment][type] must be one of {IMAGE, AUDIO, VIDEO, FILE, TEMPLATE}')
  if (payload['attachment_id'] !== undefined)
    return context.attachmentKnown(word(payload['attachment_id'])) ? null : fail('not_your_attachment')
  return checkUrl(payload['url'], 'message[attachment][payload][url]')
}

/** Refuses what the real Send API refuses in `message` (reference §6, §8); null when it would be shown. Pure. */
export function checkMessage(message: unknown, context: TemplateContext): Failure | null {
  if (!isObject(message)) return bad('Param message must be an object.')
  const { text, attachment, attachments, template, sticker_id: sticker } = message
  const given = [text, attachment, attachments, template, sticker].filter((part) => part !== undefined).length
  if (given === 0) return bad('Param message must be non-empty: text or attachment is required')
  if (given > 1) return bad('Param message can have text or an attachment, not both')
  if (text !== undefined) {
    const failure = checkText(text, 'message[text]', limits.text)
    if (failure) return failure
    if (!(text as string).trim()) return bad('Param message[text] must be a non-empty UTF-8 encoded string')
  }
  if (attachment !== undefined) {
    const failure = checkAttachment(attachment, context)
    if (failure) return failure
  }
  if (attachments !== undefined) {
    if (!Array.isArray(attachments) || attachments.length === 0 || attachments.length > limits.images)
      return bad(`Param message[attachments] must have 1 to ${limits.images} items`)
    for (const one of attachments) {
      if (!isObject(one) || one['type'] !== 'image')
        return bad('Param message[attachments] takes images only')
      const failure = checkAttachment(one, context)
      if (failure) return failure
    }
  }
  if (message['quick_replies'] !== undefined) {
    const failure = checkQuickReplies(message['quick_replies'])
    if (failure) return failure
  }
  const metadata = message['metadata']
  if (metadata !== undefined && (typeof metadata !== 'string' || metadata.length > limits.metadata))
    return bad(`Length of param message[metadata] must be less than or equal to ${limits.metadata}`)
  return null
}

export type SendRoute = 'RESPONSE' | 'UPDATE' | 'MESSAGE_TAG' | 'UTILITY'
/** Tags that ended on 2026-04-27, whatever version is asked for (reference §7). */
export const deadTags = [
  'CONFIRMED_EVENT_UPDATE',
  'ACCOUNT_UPDATE',
  'POST_PURCHASE_UPDATE',
  'NON_PROMOTIONAL_SUBSCRIPTION',
]

/** Which route the request asks for; the window itself is judged elsewhere. */
export function routeOf(body: JsonObject): SendRoute | Failure {
  const type = body['messaging_type'] ?? (body['tag'] === undefined ? 'RESPONSE' : 'MESSAGE_TAG')
  if (type === 'UTILITY' || type === 'RESPONSE' || type === 'UPDATE') {
    return body['tag'] === undefined ? type : bad('Param tag needs messaging_type MESSAGE_TAG')
  }
  if (type !== 'MESSAGE_TAG')
    return bad('Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG, UTILITY}')
  const tag = body['tag']
  if (tag === 'HUMAN_AGENT' || tag === 'CUSTOMER_FEEDBACK') return type
  if (deadTags.includes(word(tag))) return bad(`The message tag ${word(tag)} is no longer supported`)
  return bad('Param tag must be one of {HUMAN_AGENT, CUSTOMER_FEEDBACK}')
}
