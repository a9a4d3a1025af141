import { bubble, type BubbleActs } from './bubbles.ts'
import { h, icon } from './dom.ts'
import type { ChatMessage, ThreadView } from './wire.ts'

type Row = { readonly element: HTMLElement; drawn: string }

export type Rows = {
  draw(messages: readonly ChatMessage[], thread: ThreadView): void
  clear(): void
  readonly element: HTMLElement
}

const gapMs = 15 * 60_000

/**
 * The conversation as rows. A row is drawn again only when its own content changed, so the focus, the scroll and the
 * screen reader are left alone; where one speaker's turn begins and ends is only a class.
 */
export function createRows(options: {
  acts(): BubbleActs
  more(message: ChatMessage): void
  timeZone(): string
  locale(): string
  now(): number
  speaker(message: ChatMessage): string
  reader(): HTMLElement
}): Rows {
  const element = h('ol', { class: 'rows' })
  let rows = new Map<string, Row>()
  let marks = new Map<string, HTMLElement>()

  const time = (at: number): string =>
    new Intl.DateTimeFormat(options.locale(), {
      hour: 'numeric',
      minute: '2-digit',
      timeZone: options.timeZone(),
    }).format(at)
  const dayOf = (at: number): string =>
    new Intl.DateTimeFormat('en-CA', { timeZone: options.timeZone() }).format(at)
  const dayName = (at: number): string => {
    if (dayOf(at) === dayOf(options.now())) return 'Today'
    if (dayOf(at) === dayOf(options.now() - 86_400_000)) return 'Yesterday'
    return new Intl.DateTimeFormat(options.locale(), {
      weekday: 'long',
      day: 'numeric',
      month: 'long',
      timeZone: options.timeZone(),
    }).format(at)
  }

  const body = (message: ChatMessage, quoted: string | null): HTMLElement => {
    if (message.from === 'notice') return h('p', { class: 'notice' }, message.text)
    const reactions = [message.reaction, message.pageReaction].filter(
      (one): one is string => one !== undefined,
    )
    return h(
      'div',
      { class: 'said' },
      h('span', { class: 'hidden' }, `${options.speaker(message)}, ${time(message.at)}:`),
      message.persona === undefined ? null : h('span', { class: 'persona' }, message.persona),
      quoted === null ? null : h('span', { class: 'quoted', dir: 'auto' }, quoted),
      ...bubble(message, options.acts()),
      reactions.length === 0
        ? null
        : h(
            'span',
            { class: 'reactions', 'aria-label': `Reaction ${reactions.join(' ')}` },
            reactions.join(' '),
          ),
      message.edits > 0 && !message.deleted ? h('span', { class: 'edited' }, 'Edited') : null,
    )
  }

  const drawRow = (message: ChatMessage, messages: readonly ChatMessage[]): Row => {
    const quotedMessage =
      message.replyTo === undefined ? undefined : messages.find((one) => one.mid === message.replyTo)
    const quoted = quotedMessage === undefined ? null : quotedMessage.text || 'A message'
    const drawn = JSON.stringify([
      message.text,
      message.edits,
      message.deleted,
      message.reaction,
      message.pageReaction,
      quoted,
    ])
    const known = rows.get(message.mid)
    if (known?.drawn === drawn) return known
    const row = known?.element ?? h('li', { class: `row from-${message.from}` })
    const canAct = message.from !== 'notice' && !message.deleted
    row.replaceChildren(
      body(message, quoted),
      ...(canAct
        ? [
            h(
              'button',
              {
                type: 'button',
                class: 'row-more',
                'aria-label': `Options for this message, ${time(message.at)}`,
                onclick: () => options.more(message),
              },
              icon('more'),
            ),
          ]
        : []),
      h('span', { class: 'tick', 'aria-hidden': 'true' }),
    )
    return { element: row, drawn }
  }

  return {
    element,
    clear: () => {
      rows = new Map()
      marks = new Map()
      element.replaceChildren()
    },
    draw: (messages, thread) => {
      const next = new Map<string, Row>()
      const nextMarks = new Map<string, HTMLElement>()
      // What is in its place already is not moved: moving would restart its animation and lose the scroll.
      let cursor: ChildNode | null = element.firstChild
      const place = (node: HTMLElement): void => {
        if (cursor === node) cursor = node.nextSibling
        else element.insertBefore(node, cursor)
      }
      const own = messages.filter((message) => message.from === 'person' && !message.deleted)
      const lastSeen = own.findLast((message) => message.at <= thread.seenAt)
      for (const [index, message] of messages.entries()) {
        const row = drawRow(message, messages)
        next.set(message.mid, row)
        const before = messages[index - 1]
        const after = messages[index + 1]
        const newDay = before === undefined || dayOf(before.at) !== dayOf(message.at)
        const pause = newDay || message.at - (before?.at ?? 0) > gapMs
        const joins = (other: ChatMessage | undefined): boolean =>
          other !== undefined &&
          other.from === message.from &&
          other.persona === message.persona &&
          Math.abs(other.at - message.at) < 5 * 60_000
        row.element.classList.toggle('first', pause || !joins(before))
        row.element.classList.toggle('last', !joins(after))
        if (pause && message.from !== 'notice') {
          const mark = marks.get(message.mid) ?? h('li', { class: 'time-mark' })
          const words = newDay ? `${dayName(message.at)}, ${time(message.at)}` : time(message.at)
          if (mark.textContent !== words) mark.textContent = words
          nextMarks.set(message.mid, mark)
          place(mark)
        }
        place(row.element)
        const tick = row.element.querySelector('.tick')
        if (message.from === 'person' && tick) {
          const state =
            message === lastSeen
              ? 'seen'
              : lastSeen !== undefined && message.seq < lastSeen.seq
                ? 'none'
                : message.carriage
          if (tick.className !== `tick ${state}`) {
            tick.className = `tick ${state}`
            tick.replaceChildren(
              ...(state === 'delivered' || state === 'sent'
                ? [icon('check')]
                : state === 'seen'
                  ? [options.reader()]
                  : []),
            )
          }
        }
      }
      while (cursor !== null) {
        const rest: ChildNode = cursor
        cursor = rest.nextSibling
        rest.remove()
      }
      rows = next
      marks = nextMarks
    },
  }
}

/** The words under the last thing the person said. */
export function carriageWords(messages: readonly ChatMessage[], thread: ThreadView): string {
  const last = messages.findLast((message) => message.from !== 'notice')
  if (last === undefined || last.from !== 'person') return ''
  if (last.at <= thread.seenAt) return 'Seen'
  return { sent: 'Sent', delivered: 'Delivered', failed: 'Sent, but nobody was there to take it' }[
    last.carriage
  ]
}
