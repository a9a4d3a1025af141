import { parseDecimal } from '../../core/money.ts'
import { type Refusal, refuse } from '../../core/refusal.ts'
import type { Button, Content, QuickReply, Receipt, Route } from '../channel.ts'
import { type Bag, bag, list } from './read.ts'
import { type SendRequest, sendRequest } from './wire.ts'

export type Decoded = {
  readonly user: string
  readonly route: Route
  /** Our outbox id from `metadata`, when the request bears one. */
  readonly id: string | null
  readonly content: Content
}
/** `malformed`: not a send request. `not_ours`: a valid one that says more than our content can. */
export type DecodeRefusal = Refusal<'malformed' | 'not_ours'>

/**
 * A send request's JSON → our content: the inverse of `encodeSend`, for the wire tests and for reading a logged body
 * back. Refuses (`not_ours`) instead of dropping what our content has no word for, such as a picture or a dead tag.
 */
export function decodeSend(body: unknown): Decoded | DecodeRefusal {
  const request = sendRequest.safeParse(body)
  if (!request.success) {
    return refuse('malformed', request.error.issues[0]?.path.join('.') ?? '')
  }
  const user = bag(request.data.recipient)?.id
  const route = routeOf(request.data)
  const message = bag(request.data.message)
  if (typeof user !== 'string' || route === null || message === null) return refuse('not_ours')
  const content = contentOf(message)
  if (content === null) return refuse('not_ours')
  return { user, route, id: typeof message.metadata === 'string' ? message.metadata : null, content }
}

function routeOf(request: SendRequest): Route | null {
  switch (request.messaging_type) {
    // Without a type the platform takes it for a response.
    case undefined:
    case 'RESPONSE':
      return 'response'
    case 'UPDATE':
      return 'update'
    case 'UTILITY':
      return 'utility'
    default:
      return request.tag === 'HUMAN_AGENT' ? 'human_agent' : null
  }
}

/** True when the object has no member beyond these. */
const only = (object: Bag, ...names: readonly string[]): boolean =>
  Object.keys(object).every((name) => names.includes(name))

function contentOf(message: Bag): Content | null {
  const quickReplies = quickRepliesOf(message.quick_replies)
  if (quickReplies === null) return null
  const replies = quickReplies.length === 0 ? {} : { quickReplies }
  if (typeof message.text === 'string' && only(message, 'text', 'quick_replies', 'metadata')) {
    return { kind: 'text', text: message.text, ...replies }
  }
  const template = bag(message.template)
  if (template !== null && only(message, 'template', 'metadata')) return templateOf(template)
  const attachment = bag(message.attachment)
  const payload = attachment?.type === 'template' ? bag(attachment.payload) : null
  if (payload === null || !only(message, 'attachment', 'quick_replies', 'metadata')) return null
  switch (payload.template_type) {
    case 'button': {
      const buttons = buttonsOf(payload.buttons)
      return buttons === null || !only(payload, 'template_type', 'text', 'buttons')
        ? null
        : { kind: 'buttons', text: String(payload.text), buttons, ...replies }
    }
    case 'generic': {
      const items = []
      for (const item of list(payload.elements) ?? []) {
        const element = bag(item)
        if (element === null || !only(element, 'title', 'subtitle', 'buttons')) return null
        const buttons = element.buttons === undefined ? [] : buttonsOf(element.buttons)
        if (buttons === null) return null
        items.push({
          title: String(element.title),
          ...(typeof element.subtitle === 'string' ? { subtitle: element.subtitle } : {}),
          ...(buttons.length === 0 ? {} : { buttons }),
        })
      }
      return { kind: 'carousel', items, ...replies }
    }
    case 'receipt': {
      const receipt = receiptOf(payload)
      return receipt === null ? null : { kind: 'receipt', receipt }
    }
    default:
      return null
  }
}

function quickRepliesOf(value: unknown): QuickReply[] | null {
  const replies: QuickReply[] = []
  for (const item of list(value) ?? []) {
    const reply = bag(item)
    if (reply === null || reply.content_type !== 'text' || !only(reply, 'content_type', 'title', 'payload')) {
      return null
    }
    if (typeof reply.title !== 'string' || typeof reply.payload !== 'string') return null
    replies.push({ title: reply.title, payload: reply.payload })
  }
  return replies
}

function buttonsOf(value: unknown): Button[] | null {
  const buttons: Button[] = []
  for (const item of list(value) ?? []) {
    const wire = bag(item)
    const button = wire === null ? null : buttonOf(wire)
    if (button === null) return null
    buttons.push(button)
  }
  return buttons
}

function buttonOf(wire: Bag): Button | null {
  const { title, url, payload } = wire
  switch (wire.type) {
    case 'account_unlink':
      return { kind: 'logout' }
    case 'account_link':
      return typeof url === 'string' ? { kind: 'login', url } : null
    case 'postback':
      return typeof title === 'string' && typeof payload === 'string'
        ? { kind: 'choice', title, payload }
        : null
    case 'phone_number':
      return typeof title === 'string' && typeof payload === 'string'
        ? { kind: 'call', title, number: payload }
        : null
    case 'web_url':
      return typeof title === 'string' &&
        typeof url === 'string' &&
        only(wire, 'type', 'title', 'url', 'webview_height_ratio', 'webview_share_button')
        ? { kind: 'url', title, url, private: wire.webview_share_button === 'hide' }
        : null
    default:
      return null
  }
}

function templateOf(template: Bag): Content | null {
  const parameters: string[] = []
  let urlSuffix: string | undefined
  for (const item of list(template.components) ?? []) {
    const component = bag(item)
    for (const each of list(component?.parameters) ?? []) {
      const parameter = bag(each)
      if (component?.type === 'body' && parameter?.type === 'text' && typeof parameter.text === 'string') {
        parameters.push(parameter.text)
      } else if (
        component?.type === 'buttons' &&
        parameter?.type === 'URL' &&
        typeof parameter.url === 'string'
      ) {
        urlSuffix = parameter.url
      } else return null
    }
  }
  const language = bag(template.language)?.code
  if (typeof language !== 'string') return null
  return {
    kind: 'template',
    name: String(template.name),
    language,
    parameters,
    ...(urlSuffix === undefined ? {} : { urlSuffix }),
  }
}

function receiptOf(payload: Bag): Receipt | null {
  const known = only(
    payload,
    'template_type',
    'sharable',
    'recipient_name',
    'order_number',
    'currency',
    'payment_method',
    'merchant_name',
    'timestamp',
    'elements',
    'summary',
    'adjustments',
  )
  const currency = String(payload.currency)
  // A JSON decimal has at most 15 digits here; its shortest text is exact.
  const minor = (value: unknown): number | null =>
    typeof value === 'number' || typeof value === 'string'
      ? (parseDecimal(String(value), currency)?.amountMinor ?? null)
      : null
  const summary = bag(payload.summary) ?? {}
  const total = minor(summary.total_cost)
  const lines = []
  for (const item of list(payload.elements) ?? []) {
    const element = bag(item)
    const priceMinor = minor(element?.price)
    if (element === null || priceMinor === null) return null
    if (!only(element, 'title', 'subtitle', 'quantity', 'price', 'currency')) return null
    lines.push({
      title: String(element.title),
      ...(typeof element.subtitle === 'string' ? { subtitle: element.subtitle } : {}),
      ...(typeof element.quantity === 'number' ? { quantity: element.quantity } : {}),
      priceMinor,
    })
  }
  const adjustments = []
  for (const item of list(payload.adjustments) ?? []) {
    const adjustment = bag(item)
    const amountMinor = minor(adjustment?.amount)
    if (amountMinor === null || typeof adjustment?.name !== 'string') return null
    adjustments.push({ name: adjustment.name, amountMinor })
  }
  if (!known || total === null) return null
  const optional = (name: 'subtotalMinor' | 'shippingMinor' | 'taxMinor', value: unknown) => {
    const amountMinor = minor(value)
    return amountMinor === null ? {} : { [name]: amountMinor }
  }
  return {
    recipientName: String(payload.recipient_name),
    orderNumber: String(payload.order_number),
    currency,
    paymentMethod: String(payload.payment_method),
    ...(typeof payload.merchant_name === 'string' ? { merchantName: payload.merchant_name } : {}),
    ...(payload.timestamp === undefined ? {} : { at: Number(payload.timestamp) * 1000 }),
    lines,
    ...optional('subtotalMinor', summary.subtotal),
    ...optional('shippingMinor', summary.shipping_cost),
    ...optional('taxMinor', summary.total_tax),
    totalMinor: total,
    ...(adjustments.length === 0 ? {} : { adjustments }),
  }
}
