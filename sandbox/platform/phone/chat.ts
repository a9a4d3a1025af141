import { pageAvatar, plainWords, type BubbleActs } from './bubbles.ts'
import { createComposer } from './composer.ts'
import { avatar, byId, h, icon } from './dom.ts'
import { list, word } from './loose.ts'
import { carriageWords, createRows } from './rows.ts'
import { createChatSheets } from './chat-sheets.ts'
import { openLink } from './sheets.ts'
import { announce, ask, bcp47, now, page, person, type Store } from './store.ts'
import type { JsonObject } from './wire.ts'

export type Chat = { drawAll(): void; drawMessages(): void; drawThread(): void }

/** The messenger on the phone: list of chats, Get Started, the conversation. Everything the person does goes to the platform. */
export function createChat(store: () => Store, open: (pageId: string, psid: string) => void): Chat {
  const view = byId('view')
  let listing = false
  let typingTimer: ReturnType<typeof setTimeout> | undefined
  let drawnFor = ''
  let announced = 0

  const act = (body: JsonObject): Promise<unknown> =>
    ask('/sandbox/act', { page: store().pageId, psid: store().psid, ...body })
  const bubbleActs = (): BubbleActs => ({
    postback: (title, payload) => void act({ act: 'postback', title, payload }),
    link: openLink,
    login: (message) => {
      const query = new URLSearchParams({ page: store().pageId, psid: store().psid, mid: message.mid })
      window.open(`/phone/login?${query}`, '_blank', 'noopener')
    },
    logout: () => void act({ act: 'logout' }),
    feedback: (question, score) => void act({ act: 'feedback', question, score }),
    locale: bcp47(store()),
    bankName: page(store()).name,
  })

  const rows = createRows({
    acts: bubbleActs,
    more: (message) => sheets.more(message),
    timeZone: () => person(store()).timeZone,
    locale: () => bcp47(store()),
    now: () => now(store()),
    reader: () => avatar(page(store()).name, 'tiny'),
    speaker: (message) => (message.from === 'person' ? 'You' : (message.persona ?? page(store()).name)),
  })
  const composer = createComposer({
    send: (text, replyTo) => void act({ act: 'text', text, ...(replyTo === null ? {} : { replyTo }) }),
    edit: (mid, text) => void act({ act: 'edit', mid, text }),
    like: () => void act({ act: 'sticker' }),
    attach: () => sheets.attach(),
    menu: () => sheets.menu(),
    unblock: () => void act({ act: 'block', on: false }),
  })
  const sheets = createChatSheets(store, act, composer)
  const typing = h(
    'div',
    { class: 'typing', hidden: true },
    h('span', { class: 'hidden' }, 'Writing…'),
    h('i'),
    h('i'),
    h('i'),
  )
  const carriage = h('p', { class: 'carriage' })
  const quick = h('div', { class: 'quick', role: 'group', 'aria-label': 'Quick replies' })
  const intro = h('div', { class: 'intro' })
  const log = h(
    'div',
    { class: 'log', role: 'log', 'aria-live': 'off', 'aria-label': 'Conversation', tabindex: 0 },
    intro,
    rows.element,
    typing,
    carriage,
  )
  const toEnd = h(
    'button',
    {
      type: 'button',
      class: 'to-end',
      hidden: true,
      'aria-label': 'Newest messages',
      onclick: () => scrollToEnd(true),
    },
    icon('back'),
  )
  const foot = h('div', { class: 'foot' })

  /** The chat follows its end until the reader scrolls up, and again once they come back down. */
  let following = true
  let lastTop = 0
  const nearEnd = (): boolean => log.scrollHeight - log.scrollTop - log.clientHeight < 80
  const scrollToEnd = (smooth: boolean): void => {
    following = true
    toEnd.hidden = true
    log.scrollTo({
      top: log.scrollHeight,
      behavior: smooth && !matchMedia('(prefers-reduced-motion: reduce)').matches ? 'smooth' : 'instant',
    })
  }
  log.addEventListener('scroll', () => {
    if (nearEnd()) following = true
    else if (log.scrollTop < lastTop - 4) following = false
    lastTop = log.scrollTop
    toEnd.hidden = following
  })
  const sizes = new ResizeObserver(() => {
    if (following) scrollToEnd(false)
  })
  sizes.observe(log)
  sizes.observe(rows.element)
  document.addEventListener('visibilitychange', () => markRead())

  let readTimer: ReturnType<typeof setTimeout> | undefined
  const markRead = (): void => {
    if (document.visibilityState !== 'visible' || listing) return
    clearTimeout(readTimer)
    readTimer = setTimeout(() => {
      if (store().messages.some((message) => message.from === 'page')) void act({ act: 'read' })
    }, 400)
  }

  const header = (): HTMLElement => {
    const { name } = page(store())
    const { owner, linked, blocked } = store().thread
    const under = blocked
      ? 'Blocked'
      : owner === 'inbox'
        ? 'A person is answering'
        : owner === 'other'
          ? 'Another app is answering'
          : linked
            ? 'Account connected'
            : 'Business chat'
    return h(
      'div',
      { class: 'chat-head' },
      store().pages.size > 1
        ? h(
            'button',
            {
              type: 'button',
              class: 'icon-button',
              'aria-label': 'All chats',
              onclick: () => {
                listing = true
                drawAll()
              },
            },
            icon('back'),
          )
        : null,
      pageAvatar(name),
      h(
        'div',
        { class: 'chat-title' },
        h('h2', {}, name),
        h('p', {}, linked && !blocked ? icon('lock') : null, under),
      ),
      h(
        'button',
        { type: 'button', class: 'icon-button', 'aria-label': 'Chat options', onclick: () => sheets.chat() },
        icon('more'),
      ),
    )
  }

  const drawIntro = (): void => {
    const { name, greeting } = page(store())
    const first = person(store()).name.split(' ')[0] ?? ''
    const words = (greeting ?? '')
      .replaceAll('{{user_first_name}}', first)
      .replaceAll('{{user_full_name}}', person(store()).name)
      .replaceAll('{{user_last_name}}', person(store()).name.split(' ').slice(1).join(' '))
    intro.replaceChildren(
      avatar(name, 'large'),
      h('h3', {}, name),
      h('p', { class: 'intro-kind' }, 'Business · usually replies at once'),
      words === '' ? '' : h('p', { class: 'greeting', dir: 'auto' }, words),
    )
  }

  const drawFoot = (): void => {
    const { started, blocked } = store().thread
    const { getStarted, iceBreakers, menu, commands, composerDisabled, name } = page(store())
    if (!started && !blocked && (getStarted || iceBreakers.length > 0) && store().messages.length === 0) {
      foot.replaceChildren(
        h(
          'div',
          { class: 'start' },
          iceBreakers.length === 0
            ? null
            : h(
                'div',
                { class: 'ice', role: 'group', 'aria-label': 'Questions to begin with' },
                ...iceBreakers.map((item, index) =>
                  h(
                    'button',
                    { type: 'button', onclick: () => void act({ act: 'ice_breaker', index }) },
                    item.question,
                  ),
                ),
              ),
          h(
            'p',
            {},
            `When you begin, ${name} will see your public profile and what you write here. So will the platform.`,
          ),
          getStarted
            ? h(
                'button',
                {
                  type: 'button',
                  class: 'big-button',
                  onclick: () => void act({ act: 'get_started' }).then(() => composer.focus()),
                },
                'Get started',
              )
            : null,
        ),
        ...(getStarted ? [] : [composer.element]),
      )
    } else if (
      composer.element.parentElement !== foot ||
      foot.childElementCount > 2 ||
      foot.querySelector('.start')
    )
      foot.replaceChildren(quick, composer.element)
    composer.update({ menu: menu.length + commands.length > 0, disabled: composerDisabled, blocked, name })
  }

  const drawQuick = (): void => {
    const last = store().messages.findLast((message) => message.from !== 'notice')
    const replies = last?.from === 'page' ? list(last.content?.['quick_replies']) : []
    quick.hidden = replies.length === 0
    quick.replaceChildren(
      ...replies.map((reply) => {
        const title =
          reply['content_type'] === 'text'
            ? word(reply['title'])
            : reply['content_type'] === 'user_email'
              ? 'Share my email'
              : 'Share my number'
        return h(
          'button',
          {
            type: 'button',
            onclick: () =>
              void act({ act: 'quick_reply', title, payload: word(reply['payload']) }).then(() =>
                composer.focus(),
              ),
          },
          h('span', { dir: 'auto' }, title),
        )
      }),
    )
  }

  const drawThread = (): void => {
    if (listing) return
    const head = view.querySelector('.chat-head')
    const focused = head?.contains(document.activeElement)
      ? (document.activeElement as HTMLElement).getAttribute('aria-label')
      : null
    head?.replaceWith(header())
    if (focused !== null) view.querySelector<HTMLElement>(`.chat-head [aria-label="${focused}"]`)?.focus()
    clearTimeout(typingTimer)
    typing.hidden = !store().thread.typing
    if (store().thread.typing)
      typingTimer = setTimeout(() => {
        typing.hidden = true
      }, 20_000)
    drawFoot()
    rows.draw(store().messages, store().thread)
    carriage.textContent = carriageWords(store().messages, store().thread)
    if (following) scrollToEnd(true)
  }

  const drawMessages = (): void => {
    if (listing) return drawList()
    const last = store().messages.at(-1)
    if (last?.from === 'page') typing.hidden = true
    rows.draw(store().messages, store().thread)
    carriage.textContent = carriageWords(store().messages, store().thread)
    drawQuick()
    drawFoot()
    if (following || last?.from === 'person') scrollToEnd(true)
    if (last && last.from === 'page' && last.seq > announced) {
      announced = last.seq
      announce(`${last.persona ?? page(store()).name}: ${plainWords(last)}`)
      markRead()
    }
  }

  const choose = (pageId: string): void => {
    listing = false
    if (pageId === store().pageId) drawAll()
    else open(pageId, store().psid)
  }
  const drawList = (): void => {
    const { pages, previews } = store()
    const when = new Intl.DateTimeFormat(bcp47(store()), {
      hour: 'numeric',
      minute: '2-digit',
      timeZone: person(store()).timeZone,
    })
    view.replaceChildren(
      h('div', { class: 'list-head' }, h('h2', {}, 'Chats'), avatar(person(store()).name, 'small')),
      h(
        'ul',
        { class: 'chats' },
        ...[...pages.values()]
          .sort((left, right) => (previews.get(right.id)?.at ?? 0) - (previews.get(left.id)?.at ?? 0))
          .map((one) => {
            const preview = previews.get(one.id)
            return h(
              'li',
              {},
              h(
                'button',
                { type: 'button', onclick: () => choose(one.id) },
                avatar(one.name),
                h(
                  'span',
                  { class: 'chat-lines' },
                  h('strong', {}, one.name),
                  h(
                    'span',
                    { class: 'preview', dir: 'auto' },
                    preview ? plainWords(preview) : 'Tap to begin',
                  ),
                ),
                preview ? h('time', {}, when.format(preview.at)) : null,
              ),
            )
          }),
      ),
    )
  }

  const drawAll = (): void => {
    if (drawnFor !== `${store().pageId}/${store().psid}`) {
      drawnFor = `${store().pageId}/${store().psid}`
      rows.clear()
    }
    if (listing) return drawList()
    announced = store().messages.at(-1)?.seq ?? 0
    view.replaceChildren(header(), h('div', { class: 'log-wrap' }, log, toEnd), foot)
    drawIntro()
    drawMessages()
    drawThread()
    scrollToEnd(false)
    markRead()
  }
  return { drawAll, drawMessages, drawThread }
}
