import { fail, type Failure } from './graph-error.ts'
import { isObject, word } from './phone/loose.ts'
import type { JsonObject } from './phone/wire.ts'

/** Limits of Messenger templates and buttons (reference §8). Lengths are in UTF-16 units, as the platform's clients count them. */
export const limits = {
  text: 2000,
  quickReplies: 13,
  title: 20,
  payload: 1000,
  metadata: 1000,
  buttonText: 640,
  buttons: 3,
  elements: 10,
  elementTitle: 80,
  receiptLines: 100,
  images: 30,
} as const

const bad = (message: string): Failure => fail('parameter', message)

/** A string of 1..max characters. */
export function checkText(value: unknown, name: string, max: number): Failure | null {
  if (typeof value !== 'string') return bad(`Param ${name} must be a string.`)
  if (value.length === 0) return bad(`Param ${name} must be a non-empty UTF-8 encoded string`)
  if (value.length > max) return bad(`Length of param ${name} must be less than or equal to ${max}`)
  return null
}
const checkOptionalText = (value: unknown, name: string, max: number): Failure | null =>
  value === undefined ? null : checkText(value, name, max)

/** https only; plain http is let through for this machine, which has no certificate. */
export function checkUrl(value: unknown, name: string): Failure | null {
  if (typeof value !== 'string' || !URL.canParse(value)) return bad(`Param ${name} must be a valid URL.`)
  const { protocol, hostname } = new URL(value)
  if (protocol === 'https:') return null
  if (protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'))
    return null
  return bad(`Param ${name} must be a valid https URL.`)
}

const first = (...checks: (() => Failure | null)[]): Failure | null => {
  for (const check of checks) {
    const failure = check()
    if (failure) return failure
  }
  return null
}

export type TemplateContext = {
  /** Hosts the webview extensions may run on (`whitelisted_domains`). */
  readonly whitelisted: readonly string[]
  orderKnown(orderNumber: string): boolean
  attachmentKnown(attachmentId: string): boolean
}

function checkButton(button: unknown, name: string, context: TemplateContext): Failure | null {
  if (!isObject(button)) return bad(`Param ${name} must be an object.`)
  const title = (): Failure | null => checkText(button['title'], `${name}[title]`, limits.title)
  const only = (...allowed: string[]): Failure | null => {
    const extra = Object.keys(button).find((key) => !allowed.includes(key))
    return extra === undefined ? null : bad(`Param ${name} has an unsupported field ${extra}`)
  }
  switch (button['type']) {
    case 'web_url':
      return first(title, () => checkWebUrl(button, name, context))
    case 'postback':
      return first(title, () => checkText(button['payload'], `${name}[payload]`, limits.payload))
    case 'phone_number':
      return first(title, () =>
        /^\+\d{5,20}$/.test(word(button['payload']))
          ? null
          : bad(`Param ${name}[payload] must be a phone number as +digits`),
      )
    case 'account_link':
      return first(
        () => only('type', 'url'),
        () => checkUrl(button['url'], `${name}[url]`),
      )
    case 'account_unlink':
      return only('type')
    case 'audio_call':
    case 'game_play':
      return title()
    default:
      return bad(
        `Param ${name}[type] must be one of {WEB_URL, POSTBACK, PHONE_NUMBER, ACCOUNT_LINK, ACCOUNT_UNLINK, GAME_PLAY, AUDIO_CALL}`,
      )
  }
}

function checkWebUrl(button: JsonObject, name: string, context: TemplateContext): Failure | null {
  const height = button['webview_height_ratio']
  return first(
    () => checkUrl(button['url'], `${name}[url]`),
    () =>
      height === undefined || ['compact', 'tall', 'full'].includes(word(height))
        ? null
        : bad(`Param ${name}[webview_height_ratio] must be one of {COMPACT, TALL, FULL}`),
    () =>
      button['fallback_url'] === undefined ? null : checkUrl(button['fallback_url'], `${name}[fallback_url]`),
    () =>
      button['webview_share_button'] === undefined || button['webview_share_button'] === 'hide'
        ? null
        : bad(`Param ${name}[webview_share_button] must be hide`),
    () =>
      button['messenger_extensions'] === true &&
      !context.whitelisted.includes(new URL(word(button['url'])).origin)
        ? bad(`Param ${name}[url] with messenger extensions must be on a whitelisted domain`)
        : null,
  )
}

function checkButtons(
  buttons: unknown,
  name: string,
  context: TemplateContext,
  required: boolean,
  max: number = limits.buttons,
): Failure | null {
  if (buttons === undefined) return required ? bad(`Param ${name} is required`) : null
  if (!Array.isArray(buttons)) return bad(`Param ${name} must be an array.`)
  if (required && buttons.length === 0) return bad(`Param ${name} must have at least one item`)
  if (buttons.length > max) return bad(`Length of param ${name} must be less than or equal to ${max}`)
  for (const [index, button] of buttons.entries()) {
    const failure = checkButton(button, `${name}[${index}]`, context)
    if (failure) return failure
  }
  return null
}

function checkElement(element: unknown, name: string, context: TemplateContext): Failure | null {
  if (!isObject(element)) return bad(`Param ${name} must be an object.`)
  const action = element['default_action']
  return first(
    () => checkText(element['title'], `${name}[title]`, limits.elementTitle),
    () => checkOptionalText(element['subtitle'], `${name}[subtitle]`, limits.elementTitle),
    () => (element['image_url'] === undefined ? null : checkUrl(element['image_url'], `${name}[image_url]`)),
    () => checkButtons(element['buttons'], `${name}[buttons]`, context, false),
    () => {
      if (action === undefined) return null
      if (!isObject(action) || action['type'] !== 'web_url')
        return bad(`Param ${name}[default_action] must be a web_url`)
      if (action['title'] !== undefined) return bad(`Param ${name}[default_action] does not take a title`)
      return checkWebUrl(action, `${name}[default_action]`, context)
    },
    () =>
      ['subtitle', 'image_url', 'buttons', 'default_action'].some((key) => element[key] !== undefined)
        ? null
        : bad(`Param ${name} must have at least one field set in addition to title`),
  )
}

const isAmount = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))

function checkReceipt(receipt: JsonObject, context: TemplateContext): Failure | null {
  const name = 'message[attachment][payload]'
  const summary = receipt['summary']
  const lines = receipt['elements'] ?? []
  const basics = first(
    () => checkText(receipt['recipient_name'], `${name}[recipient_name]`, 640),
    () => checkText(receipt['order_number'], `${name}[order_number]`, 640),
    () =>
      /^[A-Z]{3}$/.test(word(receipt['currency']))
        ? null
        : bad(`Param ${name}[currency] must be an ISO 4217 code`),
    () => checkText(receipt['payment_method'], `${name}[payment_method]`, 640),
    () =>
      isObject(summary) && isAmount(summary['total_cost'])
        ? null
        : bad(`Param ${name}[summary][total_cost] is required`),
    () => (Array.isArray(lines) ? null : bad(`Param ${name}[elements] must be an array.`)),
    () =>
      receipt['timestamp'] === undefined || /^\d{9,11}$/.test(word(receipt['timestamp']))
        ? null
        : bad(`Param ${name}[timestamp] must be in seconds`),
    () => (receipt['buttons'] === undefined ? null : bad(`Param ${name} does not take buttons`)),
  )
  if (basics) return basics
  const items = lines as unknown[]
  if (items.length > limits.receiptLines)
    return bad(`Length of param ${name}[elements] must be less than or equal to ${limits.receiptLines}`)
  for (const [index, item] of items.entries()) {
    if (!isObject(item) || !isAmount(item['price']))
      return bad(`Param ${name}[elements][${index}][price] is required`)
    const failure = checkText(item['title'], `${name}[elements][${index}][title]`, 640)
    if (failure) return failure
  }
  for (const adjustment of (receipt['adjustments'] as unknown[] | undefined) ?? []) {
    if (!isObject(adjustment) || !isAmount(adjustment['amount']))
      return bad(`Param ${name}[adjustments] needs name and amount`)
  }
  if (context.orderKnown(word(receipt['order_number'])))
    return bad(`Param ${name}[order_number] must be unique`)
  return null
}

function checkFeedback(form: JsonObject): Failure | null {
  const name = 'message[attachment][payload]'
  const screens = form['feedback_screens']
  const privacy = form['business_privacy']
  const questions =
    Array.isArray(screens) && screens.length === 1 && isObject(screens[0])
      ? screens[0]['questions']
      : undefined
  const question = Array.isArray(questions) && questions.length === 1 ? (questions[0] as unknown) : undefined
  return first(
    () => checkText(form['title'], `${name}[title]`, 65),
    () => checkOptionalText(form['subtitle'], `${name}[subtitle]`, 80),
    () => checkOptionalText(form['button_title'], `${name}[button_title]`, 20),
    () =>
      isObject(question)
        ? null
        : bad(`Param ${name}[feedback_screens] must have one screen with one question`),
    () =>
      isObject(question) && ['csat', 'nps', 'ces'].includes(word(question['type']))
        ? null
        : bad('The question type must be csat, nps or ces'),
    () =>
      isObject(question) && /^[A-Za-z0-9_]{1,80}$/.test(word(question['id']))
        ? null
        : bad('The question id is not valid'),
    () =>
      isObject(privacy)
        ? checkUrl(privacy['url'], `${name}[business_privacy][url]`)
        : bad(`Param ${name}[business_privacy][url] is required`),
    () => {
      const days = form['expires_in_days']
      return days === undefined || (Number.isInteger(days) && Number(days) >= 1 && Number(days) <= 7)
        ? null
        : bad(`Param ${name}[expires_in_days] must be 1 to 7`)
    },
  )
}

/** Refuses what the real platform refuses in `attachment.type: "template"`; null when it would be shown. */
export function checkTemplate(payload: JsonObject, context: TemplateContext): Failure | null {
  const name = 'message[attachment][payload]'
  const elements = payload['elements']
  switch (payload['template_type']) {
    case 'button':
      return first(
        () => checkText(payload['text'], `${name}[text]`, limits.buttonText),
        () => checkButtons(payload['buttons'], `${name}[buttons]`, context, true),
      )
    case 'generic': {
      if (!Array.isArray(elements) || elements.length === 0)
        return bad(`Param ${name}[elements] must have at least one item`)
      if (elements.length > limits.elements)
        return bad(`Length of param ${name}[elements] must be less than or equal to ${limits.elements}`)
      for (const [index, element] of elements.entries()) {
        const failure = checkElement(element, `${name}[elements][${index}]`, context)
        if (failure) return failure
      }
      return null
    }
    case 'receipt':
      return checkReceipt(payload, context)
    case 'media': {
      const media: unknown = Array.isArray(elements) && elements.length === 1 ? elements[0] : undefined
      if (!isObject(media)) return bad(`Param ${name}[elements] must have exactly one item`)
      if (media['media_type'] !== 'image' && media['media_type'] !== 'video')
        return bad('media_type must be image or video')
      if (media['attachment_id'] === undefined && media['url'] === undefined)
        return bad('attachment_id or url is required')
      if (media['attachment_id'] !== undefined && !context.attachmentKnown(word(media['attachment_id'])))
        return fail('not_your_attachment')
      return checkButtons(media['buttons'], `${name}[elements][0][buttons]`, context, false)
    }
    case 'customer_feedback':
      return checkFeedback(payload)
    case 'image_grid': {
      const images = payload['images'] ?? elements
      if (!Array.isArray(images) || images.length < 2 || images.length > 6)
        return bad(`Param ${name} needs 2 to 6 images`)
      return first(
        () => checkOptionalText(payload['title'], `${name}[title]`, 45),
        () => checkOptionalText(payload['subtitle'], `${name}[subtitle]`, 80),
        () => checkButtons(payload['buttons'], `${name}[buttons]`, context, false),
      )
    }
    case 'coupon':
      return checkText(payload['title'], `${name}[title]`, 80)
    default:
      // list, open_graph and airline_* are gone; the rest never was.
      return bad(
        `Param ${name}[template_type] must be one of {GENERIC, BUTTON, RECEIPT, MEDIA, COUPON, CUSTOMER_FEEDBACK, IMAGE_GRID}`,
      )
  }
}
