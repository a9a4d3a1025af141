import { avatar, h, icon } from './dom.ts'
import { list, object, word as text } from './loose.ts'
import type { ChatMessage, JsonObject } from './wire.ts'

/** What a bubble may ask of the chat around it. */
export type BubbleActs = {
  postback(title: string, payload: string): void
  link(url: string, title: string): void
  login(message: ChatMessage): void
  logout(): void
  feedback(question: string, score: string): void
  readonly locale: string
  readonly bankName: string
}

const address = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g
const onlyEmoji = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u200d|\ufe0f|\s)+$/u

/** Words with their addresses made tappable. Each paragraph finds its own direction. */
export function words(content: string, acts: BubbleActs): HTMLElement {
  const body = h('span', { class: 'words', dir: 'auto' })
  let from = 0
  for (const match of content.matchAll(address)) {
    body.append(
      content.slice(from, match.index),
      h(
        'button',
        { type: 'button', class: 'inline-link', onclick: () => acts.link(match[0], match[0]) },
        match[0],
      ),
    )
    from = match.index + match[0].length
  }
  body.append(content.slice(from))
  return body
}

const isBigEmoji = (content: string): boolean =>
  onlyEmoji.test(content) && [...new Intl.Segmenter().segment(content.replaceAll(/\s/g, ''))].length <= 3

function buttonRow(button: JsonObject, message: ChatMessage, acts: BubbleActs): HTMLElement {
  const title = text(button['title'])
  const row = (label: string, act: () => void, sign?: Parameters<typeof icon>[0]): HTMLElement =>
    h(
      'button',
      { type: 'button', class: 'template-button', onclick: act },
      sign ? icon(sign) : null,
      h('span', { dir: 'auto' }, label),
    )
  switch (button['type']) {
    case 'postback':
      return row(title, () => acts.postback(title, text(button['payload'])))
    case 'web_url':
      return row(title, () => acts.link(text(button['url']), title), 'external')
    case 'phone_number':
      return h(
        'a',
        { class: 'template-button', href: `tel:${text(button['payload'])}` },
        icon('phone'),
        h('span', {}, title),
      )
    case 'account_link':
      return row('Log in', () => acts.login(message), 'lock')
    case 'account_unlink':
      return row('Log out', () => acts.logout())
    default:
      return h('span', { class: 'template-button' }, title)
  }
}
const buttonRows = (buttons: JsonObject[], message: ChatMessage, acts: BubbleActs): HTMLElement | null =>
  buttons.length === 0
    ? null
    : h('div', { class: 'template-buttons' }, ...buttons.map((button) => buttonRow(button, message, acts)))

function media(type: string, url: string): HTMLElement {
  // Pictures of this machine are shown; for any other the phone asks nobody and draws a sign.
  const ours = url.startsWith(`${location.origin}/`) || url.startsWith('data:image/')
  if ((type === 'image' || type === 'sticker') && ours)
    return h('img', {
      class: type === 'sticker' ? 'sticker' : 'photo',
      src: url,
      alt: type === 'sticker' ? 'A thumbs-up sticker' : 'A picture',
    })
  const sign =
    ({ image: 'image', audio: 'mic', video: 'image', file: 'file', location: 'pin' } as const)[type] ?? 'file'
  const label =
    {
      image: 'Photo',
      audio: 'Voice message',
      video: 'Video',
      file: 'File',
      location: 'A place',
      fallback: 'A shared link',
      unsupported: 'Something this phone cannot show',
    }[type] ?? type
  return h('span', { class: 'media' }, icon(sign), h('span', {}, label))
}

function receipt(payload: JsonObject, locale: string): HTMLElement {
  const currency = text(payload['currency'])
  const money = (value: unknown): string => {
    try {
      return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(Number(value))
    } catch {
      return `${text(value)} ${currency}`
    }
  }
  const summary = object(payload['summary'])
  const lines = list(payload['elements'])
  const total = (label: string, value: unknown, strong = false): HTMLElement | null =>
    value === undefined
      ? null
      : h(
          'div',
          { class: strong ? 'receipt-line total' : 'receipt-line' },
          h('span', {}, label),
          h('span', {}, money(value)),
        )
  return h(
    'div',
    { class: 'card receipt' },
    h(
      'div',
      { class: 'receipt-head' },
      h('strong', { dir: 'auto' }, text(payload['merchant_name']) || 'Receipt'),
      h('span', {}, `Order ${text(payload['order_number'])}`),
    ),
    ...lines.map((line) =>
      h(
        'div',
        { class: 'receipt-line' },
        h(
          'span',
          { dir: 'auto' },
          text(line['title']),
          line['quantity'] === undefined ? null : h('small', {}, ` × ${text(line['quantity'])}`),
          line['subtitle'] === undefined ? null : h('small', { class: 'sub' }, text(line['subtitle'])),
        ),
        h('span', {}, money(line['price'])),
      ),
    ),
    h('hr'),
    total('Subtotal', summary['subtotal']),
    total('Delivery', summary['shipping_cost']),
    total('Tax', summary['total_tax']),
    ...list(payload['adjustments']).map((one) => total(text(one['name']), one['amount'])),
    total('Total', summary['total_cost'], true),
    h(
      'div',
      { class: 'receipt-foot' },
      `${text(payload['payment_method'])} · ${text(payload['recipient_name'])}`,
    ),
  )
}

function carousel(elements: JsonObject[], message: ChatMessage, acts: BubbleActs): HTMLElement {
  const track = h('div', {
    class: 'track',
    tabindex: elements.length > 1 ? 0 : null,
    role: elements.length > 1 ? 'group' : null,
    'aria-label': elements.length > 1 ? `${elements.length} cards` : null,
  })
  for (const element of elements) {
    const action = object(element['default_action'])
    const title = h('strong', { dir: 'auto' }, text(element['title']))
    const image = text(element['image_url'])
    track.append(
      h(
        'div',
        { class: 'card' },
        image === '' ? null : h('div', { class: 'card-picture' }, media('image', image)),
        h(
          'div',
          { class: 'card-words' },
          action['url'] === undefined
            ? title
            : h(
                'button',
                {
                  type: 'button',
                  class: 'card-title',
                  onclick: () => acts.link(text(action['url']), text(element['title'])),
                },
                title,
              ),
          element['subtitle'] === undefined
            ? null
            : h('span', { class: 'sub', dir: 'auto' }, text(element['subtitle'])),
        ),
        buttonRows(list(element['buttons']), message, acts),
      ),
    )
  }
  if (elements.length < 2) return track
  const go = (by: number) => () =>
    track.scrollBy({
      left: by * 232,
      behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth',
    })
  const left = h(
    'button',
    { type: 'button', class: 'nudge left', 'aria-label': 'Earlier cards', hidden: true, onclick: go(-1) },
    icon('back'),
  )
  const right = h(
    'button',
    { type: 'button', class: 'nudge right', 'aria-label': 'Further cards', onclick: go(1) },
    icon('back'),
  )
  track.addEventListener('scroll', () => {
    left.hidden = track.scrollLeft < 8
    right.hidden = track.scrollLeft > track.scrollWidth - track.clientWidth - 8
  })
  return h('div', { class: 'carousel' }, track, left, right)
}

function feedback(payload: JsonObject, acts: BubbleActs): HTMLElement {
  const question = object(list(object(list(payload['feedback_screens'])[0])['questions'])[0])
  const scores = question['type'] === 'nps' ? 11 : question['type'] === 'ces' ? 7 : 5
  const first = question['type'] === 'nps' ? 0 : 1
  const row = h('div', {
    class: 'scores',
    role: 'group',
    'aria-label': text(question['title']) || 'Your answer',
  })
  for (let score = first; score < first + scores; score++)
    row.append(
      h(
        'button',
        { type: 'button', onclick: () => acts.feedback(text(question['id']), String(score)) },
        String(score),
      ),
    )
  return h(
    'div',
    { class: 'card' },
    h(
      'div',
      { class: 'card-words' },
      h('strong', { dir: 'auto' }, text(payload['title'])),
      payload['subtitle'] === undefined ? null : h('span', { class: 'sub' }, text(payload['subtitle'])),
    ),
    row,
  )
}

/** What a message shows: one or more bubbles and cards, without the row around them. */
export function bubble(message: ChatMessage, acts: BubbleActs): HTMLElement[] {
  if (message.deleted)
    return [
      h(
        'div',
        { class: 'bubble gone' },
        message.from === 'person' ? 'You unsent a message' : 'Message unsent',
      ),
    ]
  const plain = (content: string): HTMLElement =>
    h('div', { class: isBigEmoji(content) ? 'bubble emoji' : 'bubble' }, words(content, acts))
  if (message.from !== 'page') {
    if (message.attachments)
      return message.attachments.map((one) =>
        h('div', { class: 'bubble bare' }, media(text(one['type']), text(object(one['payload'])['url']))),
      )
    return [plain(message.text)]
  }
  if (message.filled) {
    return [
      h(
        'div',
        { class: 'card wide' },
        h(
          'div',
          { class: 'card-words' },
          message.filled.header === undefined ? null : h('strong', { dir: 'auto' }, message.filled.header),
          words(message.filled.body, acts),
        ),
        buttonRows([...message.filled.buttons], message, acts),
      ),
    ]
  }
  const content = object(message.content)
  if (typeof content['text'] === 'string') return [plain(content['text'])]
  const many = list(content['attachments'])
  if (many.length > 0)
    return many.map((one) =>
      h('div', { class: 'bubble bare' }, media('image', text(object(one['payload'])['url']))),
    )
  const attachment = object(content['attachment'])
  const payload = object(attachment['payload'])
  if (attachment['type'] !== 'template')
    return [h('div', { class: 'bubble bare' }, media(text(attachment['type']), text(payload['url'])))]
  switch (payload['template_type']) {
    case 'button':
      return [
        h(
          'div',
          { class: 'card wide' },
          h('div', { class: 'card-words' }, words(text(payload['text']), acts)),
          buttonRows(list(payload['buttons']), message, acts),
        ),
      ]
    case 'generic':
      return [carousel(list(payload['elements']), message, acts)]
    case 'media': {
      const element = list(payload['elements'])[0] ?? {}
      return [
        h(
          'div',
          { class: 'card' },
          h('div', { class: 'card-picture' }, media(text(element['media_type']), text(element['url']))),
          buttonRows(list(element['buttons']), message, acts),
        ),
      ]
    }
    case 'receipt':
      return [receipt(payload, acts.locale)]
    case 'customer_feedback':
      return [feedback(payload, acts)]
    default:
      return [
        h(
          'div',
          { class: 'card' },
          h(
            'div',
            { class: 'card-words' },
            h('strong', { dir: 'auto' }, text(payload['title']) || text(payload['template_type'])),
            h('span', { class: 'sub' }, text(payload['subtitle'])),
          ),
          buttonRows(list(payload['buttons']), message, acts),
        ),
      ]
  }
}

/** One line for the list of chats and for the screen reader. */
export function plainWords(message: ChatMessage): string {
  if (message.deleted) return 'A message was unsent'
  if (message.text !== '') return message.text
  if (message.filled) return message.filled.body
  const payload = object(object(object(message.content)['attachment'])['payload'])
  const titles = [
    text(payload['text']),
    text(payload['title']),
    ...list(payload['elements']).map((element) => text(element['title'])),
  ].filter(Boolean)
  return titles.join('. ') || (payload['template_type'] === 'receipt' ? 'A receipt' : 'An attachment')
}

export const pageAvatar = (name: string): HTMLElement => avatar(name, 'small')
