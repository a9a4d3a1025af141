import { decimalText } from '../../core/money.ts'
import { isRefusal, refuse } from '../../core/refusal.ts'
import type {
  Address,
  Button,
  CarouselItem,
  Content,
  EncodeRefusal,
  Encoded,
  QuickReply,
  Receipt,
  Route,
} from '../channel.ts'
import { parameterFault } from './templates.ts'
import { isAllowedUrl } from './url.ts'

export type EncodeOptions = {
  readonly kind: 'messenger' | 'instagram'
  /** False allows http to this machine itself (the sandbox). */
  readonly httpsOnly: boolean
  /** The persona that messages written by a person bear, so that bot and person can be told apart. */
  readonly humanPersonaId?: string
}

/** The platform's limits (§6, §8). Lengths in UTF-16 units, which is never less than what the platform counts. */
export const limits = {
  /** "Fewer than 2000 characters". */
  text: 1_999,
  instagramTextBytes: 1_000,
  buttonText: 640,
  buttons: 3,
  buttonTitle: 20,
  payload: 1_000,
  quickReplies: 13,
  quickReplyTitle: 20,
  carouselItems: 10,
  carouselTitle: 80,
  carouselSubtitle: 80,
  receiptLines: 100,
  metadata: 999,
  url: 2_000,
  /** Not the platform's: a bound for fields it gives none for. */
  receiptField: 300,
  adjustments: 20,
  templateParameters: 50,
  templateParameter: 1_000,
} as const

type Wire = { readonly [name: string]: unknown }

/**
 * Content → the exact bytes of the request body of a send. Pure. Refuses what the platform would refuse and what its
 * rules forbid by this route: a template goes only as `utility` and `utility` only as a template; `human_agent` carries
 * words and buttons.
 */
export function encodeSend(
  request: {
    readonly to: Address
    readonly id: string
    readonly content: Content
    readonly route: Route
  },
  options: EncodeOptions,
): Encoded | EncodeRefusal {
  const { content, route } = request
  if ((content.kind === 'template') !== (route === 'utility')) {
    return refuse('route_closed', 'a template goes by utility, and nothing else does')
  }
  if (route === 'human_agent' && content.kind !== 'text' && content.kind !== 'buttons') {
    return refuse('route_closed', 'human_agent carries only words and buttons')
  }
  if (request.id.length > limits.metadata) return refuse('too_long', 'metadata')
  const message = encodeContent(content, options)
  if (isRefusal(message)) return message
  const body = {
    recipient: { id: request.to.user },
    ...routeFields[route],
    ...(route === 'human_agent' && options.humanPersonaId !== undefined
      ? { persona_id: options.humanPersonaId }
      : {}),
    message: { ...message, metadata: request.id },
  }
  return { body: JSON.stringify(body) }
}

const routeFields: Readonly<Record<Route, Wire>> = {
  response: { messaging_type: 'RESPONSE' },
  update: { messaging_type: 'UPDATE' },
  human_agent: { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' },
  utility: { messaging_type: 'UTILITY' },
}

function encodeContent(content: Content, options: EncodeOptions): Wire | EncodeRefusal {
  switch (content.kind) {
    case 'text':
      return encodeText(content, options)
    case 'buttons': {
      const fault = textFault(content.text, limits.buttonText, 'text')
      if (fault) return fault
      const buttons = encodeButtons(content.buttons, options)
      if (isRefusal(buttons)) return buttons
      if (buttons.length === 0) return refuse('empty', 'buttons')
      return withQuickReplies(
        template({ template_type: 'button', text: content.text, buttons }),
        content.quickReplies,
      )
    }
    case 'carousel':
      return encodeCarousel(content.items, content.quickReplies, options)
    case 'receipt':
      return options.kind === 'instagram'
        ? refuse('not_offered_here', 'receipt')
        : encodeReceipt(content.receipt)
    default:
      return options.kind === 'instagram' ? refuse('not_offered_here', 'template') : encodeTemplate(content)
  }
}

const template = (payload: Wire): Wire => ({ attachment: { type: 'template', payload } })

/** A refusal when the text is blank or longer than `max`, else null. */
function textFault(text: string, max: number, what: string): EncodeRefusal | null {
  if (text.trim() === '') return refuse('empty', what)
  return text.length > max ? refuse('too_long', what) : null
}

function encodeText(
  content: Extract<Content, { kind: 'text' }>,
  options: EncodeOptions,
): Wire | EncodeRefusal {
  const fault = textFault(content.text, limits.text, 'text')
  if (fault) return fault
  if (options.kind === 'instagram' && Buffer.byteLength(content.text) > limits.instagramTextBytes) {
    return refuse('too_long', 'text')
  }
  return withQuickReplies({ text: content.text }, content.quickReplies)
}

function withQuickReplies(
  message: Wire,
  quickReplies: readonly QuickReply[] | undefined,
): Wire | EncodeRefusal {
  if (quickReplies === undefined || quickReplies.length === 0) return message
  if (quickReplies.length > limits.quickReplies) return refuse('too_many_quick_replies')
  for (const { title, payload } of quickReplies) {
    const fault =
      textFault(title, limits.quickReplyTitle, 'quick reply title') ??
      textFault(payload, limits.payload, 'quick reply payload')
    if (fault) return fault
  }
  return {
    ...message,
    quick_replies: quickReplies.map(({ title, payload }) => ({ content_type: 'text', title, payload })),
  }
}

function encodeButtons(buttons: readonly Button[], options: EncodeOptions): Wire[] | EncodeRefusal {
  if (buttons.length > limits.buttons) return refuse('too_many_buttons')
  const encoded: Wire[] = []
  for (const button of buttons) {
    const wire = encodeButton(button, options)
    if (isRefusal(wire)) return wire
    encoded.push(wire)
  }
  return encoded
}

function encodeButton(button: Button, options: EncodeOptions): Wire | EncodeRefusal {
  const { kind } = button
  if (options.kind === 'instagram' && (kind === 'login' || kind === 'logout' || kind === 'call')) {
    return refuse('not_offered_here', `${kind} button`)
  }
  if (kind === 'logout') return { type: 'account_unlink' }
  if (kind === 'login') return urlFault(button.url, options) ?? { type: 'account_link', url: button.url }
  const fault = textFault(button.title, limits.buttonTitle, 'button title')
  if (fault) return fault
  switch (kind) {
    case 'choice':
      return (
        textFault(button.payload, limits.payload, 'button payload') ?? {
          type: 'postback',
          title: button.title,
          payload: button.payload,
        }
      )
    case 'url':
      return (
        urlFault(button.url, options) ?? {
          type: 'web_url',
          title: button.title,
          url: button.url,
          ...(options.kind === 'messenger' ? { webview_height_ratio: 'full' } : {}),
          ...(options.kind === 'messenger' && button.private ? { webview_share_button: 'hide' } : {}),
        }
      )
    default:
      return /^\+[0-9]{3,20}$/.test(button.number)
        ? { type: 'phone_number', title: button.title, payload: button.number }
        : refuse('not_offered_here', 'a phone number is + and digits')
  }
}

function urlFault(url: string, options: EncodeOptions): EncodeRefusal | null {
  if (url.length > limits.url) return refuse('too_long', 'url')
  return isAllowedUrl(url, options.httpsOnly) ? null : refuse('not_https')
}

function encodeCarousel(
  items: readonly CarouselItem[],
  quickReplies: readonly QuickReply[] | undefined,
  options: EncodeOptions,
): Wire | EncodeRefusal {
  if (items.length === 0) return refuse('empty', 'carousel')
  if (items.length > limits.carouselItems) return refuse('too_many_items')
  const elements: Wire[] = []
  for (const { title, subtitle, buttons } of items) {
    const fault =
      textFault(title, limits.carouselTitle, 'carousel title') ??
      (subtitle === undefined ? null : textFault(subtitle, limits.carouselSubtitle, 'carousel subtitle'))
    if (fault) return fault
    const wireButtons = encodeButtons(buttons ?? [], options)
    if (isRefusal(wireButtons)) return wireButtons
    // §8: a title plus at least one more property.
    if (subtitle === undefined && wireButtons.length === 0)
      return refuse('empty', 'carousel item beside its title')
    elements.push({
      title,
      ...(subtitle === undefined ? {} : { subtitle }),
      ...(wireButtons.length === 0 ? {} : { buttons: wireButtons }),
    })
  }
  return withQuickReplies(template({ template_type: 'generic', elements }), quickReplies)
}

/** JSON.rawJSON: the text stands in the JSON as it is. In Node 24, not yet in TypeScript's library. */
const rawJson = (text: string): unknown =>
  (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text)

/** §8: receipts carry JSON decimals. The digits come from integer minor units, never through a binary float. */
function encodeReceipt(receipt: Receipt): Wire | EncodeRefusal {
  if (receipt.lines.length > limits.receiptLines) return refuse('too_many_items', 'receipt lines')
  const adjustments = receipt.adjustments ?? []
  if (adjustments.length > limits.adjustments) return refuse('too_many_items', 'adjustments')
  const needed = {
    recipientName: receipt.recipientName,
    orderNumber: receipt.orderNumber,
    currency: receipt.currency,
    paymentMethod: receipt.paymentMethod,
  }
  const optional = [
    receipt.merchantName,
    ...receipt.lines.flatMap(({ title, subtitle }) => [title, subtitle]),
    ...adjustments.map(({ name }) => name),
  ]
  for (const [what, text] of [
    ...Object.entries(needed),
    ...optional.map((text) => ['receipt text', text] as const),
  ]) {
    const fault = text === undefined ? null : textFault(text, limits.receiptField, what)
    if (fault) return fault
  }
  const amount = (amountMinor: number): unknown =>
    rawJson(decimalText({ amountMinor, currency: receipt.currency }))
  const maybe = (name: string, amountMinor: number | undefined): Wire =>
    amountMinor === undefined ? {} : { [name]: amount(amountMinor) }
  return template({
    template_type: 'receipt',
    sharable: false,
    recipient_name: receipt.recipientName,
    order_number: receipt.orderNumber,
    currency: receipt.currency,
    payment_method: receipt.paymentMethod,
    ...(receipt.merchantName === undefined ? {} : { merchant_name: receipt.merchantName }),
    ...(receipt.at === undefined ? {} : { timestamp: String(Math.floor(receipt.at / 1000)) }),
    elements: receipt.lines.map(({ title, subtitle, quantity, priceMinor }) => ({
      title,
      ...(subtitle === undefined ? {} : { subtitle }),
      ...(quantity === undefined ? {} : { quantity }),
      price: amount(priceMinor),
      currency: receipt.currency,
    })),
    summary: {
      ...maybe('subtotal', receipt.subtotalMinor),
      ...maybe('shipping_cost', receipt.shippingMinor),
      ...maybe('total_tax', receipt.taxMinor),
      total_cost: amount(receipt.totalMinor),
    },
    ...(adjustments.length === 0
      ? {}
      : {
          adjustments: adjustments.map(({ name, amountMinor }) => ({ name, amount: amount(amountMinor) })),
        }),
  })
}

function encodeTemplate(content: Extract<Content, { kind: 'template' }>): Wire | EncodeRefusal {
  if (!/^[a-z0-9_]{1,512}$/.test(content.name)) return refuse('not_offered_here', 'template name')
  if (!/^[a-z]{2,3}(_[A-Za-z]{2,4})?$/.test(content.language)) {
    return refuse('not_offered_here', 'template language')
  }
  if (content.parameters.length > limits.templateParameters)
    return refuse('too_many_items', 'template parameters')
  for (const parameter of content.parameters) {
    const fault = parameterFault(parameter)
    if (fault === 'empty') return refuse('empty', 'template parameter')
    if (fault === 'too_long') return refuse('too_long', 'template parameter')
    if (fault !== null) return refuse('not_offered_here', 'template parameters carry no # $ % or line break')
  }
  const suffix = content.urlSuffix
  if (suffix !== undefined) {
    const fault = textFault(suffix, limits.url, 'url suffix')
    if (fault) return fault
    // The address itself was approved with the template; the suffix may not leave it.
    if (!/^[A-Za-z0-9_~.,=&?/-]+$/.test(suffix) || suffix.includes('..')) {
      return refuse('not_offered_here', 'url suffix')
    }
  }
  const components: Wire[] = []
  if (content.parameters.length > 0) {
    components.push({
      type: 'body',
      parameters: content.parameters.map((text) => ({ type: 'text', text })),
    })
  }
  if (suffix !== undefined) components.push({ type: 'buttons', parameters: [{ type: 'URL', url: suffix }] })
  return {
    template: {
      name: content.name,
      language: { code: content.language },
      ...(components.length === 0 ? {} : { components }),
    },
  }
}
