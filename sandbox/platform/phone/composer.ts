import { h, icon } from './dom.ts'
import type { ChatMessage } from './wire.ts'

export type Composer = {
  readonly element: HTMLElement
  replyTo(message: ChatMessage): void
  edit(message: ChatMessage): void
  update(options: { menu: boolean; disabled: boolean; blocked: boolean; name: string }): void
  focus(): void
}

type ComposerActs = {
  send(text: string, replyTo: string | null): void
  edit(mid: string, text: string): void
  like: () => void
  attach: () => void
  menu: () => void
  unblock: () => void
}

/** The line at the bottom of a chat: words, attachments, the Page's menu; also replies and edits. */
export function createComposer(acts: ComposerActs): Composer {
  let mode: { kind: 'new' } | { kind: 'reply' | 'edit'; mid: string } = { kind: 'new' }
  const box = h('textarea', {
    rows: 1,
    placeholder: 'Aa',
    'aria-label': 'Write a message',
    enterkeyhint: 'send',
    dir: 'auto',
    maxlength: 20_000,
  })
  const strip = h('div', { class: 'compose-strip', hidden: true })
  const sendButton = h(
    'button',
    { type: 'submit', class: 'compose-send', 'aria-label': 'Send' },
    icon('send'),
  )
  const likeButton = h(
    'button',
    { type: 'button', class: 'compose-like', 'aria-label': 'Send a thumbs up', onclick: acts.like },
    h('img', { src: '/phone/thumb.svg', alt: '', width: 28, height: 28 }),
  )
  const menuButton = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': 'Menu', onclick: acts.menu },
    icon('menu'),
  )
  const plusButton = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': 'Attach something', onclick: acts.attach },
    icon('plus'),
  )

  const grow = (): void => {
    box.style.height = 'auto'
    if (box.scrollHeight > 0) box.style.height = `${Math.min(box.scrollHeight, 132)}px`
    const empty = box.value.trim() === ''
    sendButton.hidden = empty
    likeButton.hidden = !empty
  }
  const leave = (): void => {
    mode = { kind: 'new' }
    strip.hidden = true
  }
  const enter = (kind: 'reply' | 'edit', message: ChatMessage, words: string): void => {
    mode = { kind, mid: message.mid }
    strip.replaceChildren(
      icon(kind),
      h('span', { dir: 'auto' }, words),
      h(
        'button',
        {
          type: 'button',
          class: 'icon-button',
          'aria-label': 'Never mind',
          onclick: () => {
            if (mode.kind === 'edit') box.value = ''
            leave()
            grow()
          },
        },
        icon('close'),
      ),
    )
    strip.hidden = false
    box.focus()
    grow()
  }
  const submit = (event: Event): void => {
    event.preventDefault()
    const text = box.value.trim()
    if (text === '') return
    if (mode.kind === 'edit') acts.edit(mode.mid, text)
    else acts.send(text, mode.kind === 'reply' ? mode.mid : null)
    box.value = ''
    leave()
    grow()
  }
  const form = h(
    'form',
    { class: 'compose-line', onsubmit: submit },
    menuButton,
    plusButton,
    box,
    sendButton,
    likeButton,
  )
  const blockedLine = h('div', { class: 'blocked-line', hidden: true })
  box.addEventListener('input', grow)
  box.addEventListener('keydown', (event) => {
    // Enter sends, except while an input method is composing.
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event)
    if (event.key === 'Escape' && mode.kind !== 'new') leave()
  })
  grow()

  return {
    element: h('div', { class: 'composer' }, strip, form, blockedLine),
    replyTo: (message) => enter('reply', message, `Replying to: ${message.text || 'a message'}`),
    edit: (message) => {
      box.value = message.text
      enter('edit', message, 'Edit your message')
    },
    update: ({ menu, disabled, blocked, name }) => {
      menuButton.hidden = !menu
      form.hidden = blocked
      blockedLine.hidden = !blocked
      if (blocked && blockedLine.childElementCount === 0)
        blockedLine.replaceChildren(
          h('p', {}, `You’ve blocked ${name}`),
          h('button', { type: 'button', class: 'text-button', onclick: acts.unblock }, 'Unblock'),
        )
      box.disabled = disabled
      plusButton.hidden = disabled
      box.placeholder = disabled ? 'Use the menu or the buttons' : 'Aa'
    },
    focus: () => box.focus({ preventScroll: true }),
  }
}
