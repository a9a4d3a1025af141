import { byId, h, icon } from './dom.ts'
import { readableBody, tallyOf, type Tally } from './figures.ts'
import { jsonView, marked } from './json-view.ts'
import { list, object, word } from './loose.ts'
import { bankNames, now, page, person, type Store } from './store.ts'
import type { HookView, Seen } from './wire.ts'

export type Panel = { drawAll(): void; drawSeen(): void; drawHooks(): void; drawState(): void }

/** In a few words, what a call of the bot was; and the words it carried, if any. */
export function describeCall(seen: Seen): { title: string; quote: string } {
  const body = object(seen.body === null ? {} : readableBody(seen.body))
  const edge = seen.path.split('?')[0]?.split('/').filter(Boolean).at(-1) ?? ''
  const message = object(body['message'])
  const payload = object(object(message['attachment'])['payload'])
  if (edge === 'messages') {
    if (body['sender_action'] !== undefined)
      return {
        title:
          (
            { typing_on: 'Typing…', typing_off: 'Stopped typing', mark_seen: 'Marked as seen' } as Record<
              string,
              string
            >
          )[word(body['sender_action'])] ?? word(body['sender_action']),
        quote: '',
      }
    if (typeof message['text'] === 'string') return { title: 'Message', quote: message['text'] }
    if (message['template'] !== undefined)
      return { title: 'Utility template', quote: word(object(message['template'])['name']) }
    const first = list(payload['elements'])[0] ?? {}
    const kind = word(payload['template_type'] ?? object(message['attachment'])['type'] ?? 'Message')
    return {
      title:
        ({ button: 'Message with buttons', generic: 'Cards', receipt: 'Receipt' } as Record<string, string>)[
          kind
        ] ?? kind,
      quote: word(payload['text'] ?? first['title'] ?? payload['merchant_name']),
    }
  }
  if (/^v\d/.test(edge) || edge === '') return { title: 'Batch of calls', quote: '' }
  return { title: `${seen.method} ${edge}`, quote: '' }
}

/** The right side: what the platform received from the bot, what it sent to it, and how many figures there were. */
export function createPanel(store: () => Store): Panel {
  let tab: 'seen' | 'hooks' = 'seen'
  let all = false
  const tallies = new WeakMap<Seen, Tally>()
  const opened = new Map<string, boolean>()
  const hero = h('div', { class: 'hero' })
  const facts = h('dl', { class: 'facts' })
  const warning = h('div', { class: 'warning', hidden: true })
  const feed = h('ol', { class: 'feed' })
  const tabSeen = h('button', { type: 'button', onclick: () => choose('seen') })
  const tabHooks = h('button', { type: 'button', onclick: () => choose('hooks') })
  const scope = h('button', {
    type: 'button',
    class: 'scope',
    onclick: () => {
      all = !all
      drawAll()
    },
  })

  byId('panel').append(
    h(
      'div',
      { class: 'panel-head' },
      h('h2', { id: 'panel-title' }, 'What the platform saw'),
      hero,
      warning,
      facts,
      h('div', { class: 'panel-tabs', role: 'group', 'aria-label': 'Direction' }, tabSeen, tabHooks, scope),
    ),
    feed,
  )
  const choose = (which: typeof tab): void => {
    tab = which
    drawAll()
  }

  const mine = (seen: Seen): boolean =>
    seen.psid === store().psid && (seen.pageId === null || seen.pageId === store().pageId)
  const tally = (seen: Seen): Tally => {
    const known = tallies.get(seen)
    if (known) return known
    const made =
      seen.body === null || seen.method === 'GET'
        ? { figures: 0, names: 0 }
        : tallyOf(readableBody(seen.body), bankNames(store()))
    tallies.set(seen, made)
    return made
  }
  const time = (at: number): string =>
    new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZone: person(store()).timeZone,
    }).format(at)

  /** `details` whose content is made only when opened; the newest is open until another comes. */
  const entry = (
    key: string,
    newest: boolean,
    summary: (Node | string | null)[],
    content: () => HTMLElement,
    kind: string,
  ): HTMLElement => {
    const open = opened.get(key) ?? newest
    const details = h('details', { class: `entry ${kind}` }, h('summary', {}, ...summary))
    const fill = (): void => {
      if (details.open && details.childElementCount === 1)
        details.append(h('pre', { tabindex: 0 }, content()))
    }
    details.open = open
    fill()
    details.addEventListener('toggle', () => {
      fill()
      if (details.open !== (opened.get(key) ?? newest)) opened.set(key, details.open)
    })
    return h('li', { 'data-key': key }, details)
  }

  const seenEntry = (seen: Seen, newest: boolean): HTMLElement => {
    const { title, quote } = describeCall(seen)
    const found = tally(seen)
    const known = bankNames(store())
    const badge = seen.refused === null ? null : h('span', { class: 'chip bad' }, `refused ${seen.refused}`)
    const figures =
      found.figures + found.names === 0
        ? null
        : h('span', { class: 'chip warn' }, `${found.figures + found.names} exposed`)
    return entry(
      `s${seen.seq}`,
      newest && quote !== '',
      [
        h(
          'span',
          { class: 'entry-top' },
          h('span', { class: 'entry-title' }, title),
          figures,
          badge,
          h('time', {}, time(seen.at)),
        ),
        quote === ''
          ? null
          : h('span', { class: 'entry-quote', dir: 'auto' }, marked('text', quote.slice(0, 240), known)),
      ],
      () =>
        seen.body === null
          ? h('code', { class: 'json' }, `${seen.method} ${seen.path}`)
          : h(
              'code',
              { class: 'json' },
              h(
                'span',
                { class: 'j-head' },
                `${seen.method} ${seen.path.split('?')[0]}${seen.batch ? '  (in a batch)' : ''}\n`,
              ),
              jsonView(readableBody(seen.body), known),
            ),
      seen.refused === null ? (found.figures + found.names > 0 ? 'exposes' : '') : 'refused',
    )
  }

  const hookStates = {
    sending: ['…', 'wait'],
    answered: ['answered', 'good'],
    retrying: ['retrying', 'warn'],
    lost: ['given up', 'bad'],
  } as const
  const hookEntry = (hook: HookView, newest: boolean): HTMLElement => {
    const [words, kind] = hookStates[hook.state]
    const last = hook.attempts.at(-1)
    const how =
      last === undefined
        ? words
        : last.status === null
          ? (last.why ?? words)
          : `${last.status} in ${last.tookMs} ms`
    return entry(
      `h${hook.seq}/${hook.state}`,
      newest,
      [
        h(
          'span',
          { class: 'entry-top' },
          h(
            'span',
            { class: 'entry-title' },
            hook.events.slice(0, 4).join(', ') +
              (hook.events.length > 4 ? ` and ${hook.events.length - 4} more` : ''),
          ),
          hook.doubled ? h('span', { class: 'chip warn' }, 'sent twice') : null,
          h('span', { class: `chip ${kind}` }, hook.state === 'answered' ? how : `${words}: ${how}`),
          h('time', {}, time(hook.at)),
        ),
      ],
      () => {
        const value: unknown = readableBody(hook.body)
        return h(
          'code',
          { class: 'json' },
          h('span', { class: 'j-head' }, 'POST to the bot, signed\n'),
          jsonView(value, bankNames(store())),
        )
      },
      kind === 'bad' || kind === 'warn'
        ? 'refused'
        : hook.events.every((name) => /(?:echo|delivery|read)$/.test(name))
          ? 'quiet'
          : '',
    )
  }

  const drawFeed = (): void => {
    const items =
      tab === 'seen'
        ? store()
            .seen.filter((seen) => all || mine(seen))
            .slice(0, 120)
            .map((seen, index) => () => seenEntry(seen, index === 0))
        : store()
            .hooks.filter((hook) => all || hook.psids.includes(store().psid))
            .slice(0, 120)
            .map((hook) => () => hookEntry(hook, false))
    const focused = document.activeElement?.closest('[data-key]')?.getAttribute('data-key')
    if (items.length === 0) {
      feed.replaceChildren(
        h(
          'li',
          { class: 'empty' },
          icon('shield'),
          h(
            'p',
            {},
            tab === 'seen'
              ? 'Nothing yet. Say something on the phone: every byte the bot sends to the platform appears here.'
              : 'No webhook yet. What happens on the phone is sent to the bot, and listed here.',
          ),
        ),
      )
      return
    }
    feed.replaceChildren(...items.map((make) => make()))
    if (focused !== null && focused !== undefined)
      feed.querySelector<HTMLElement>(`[data-key="${focused}"] summary`)?.focus({ preventScroll: true })
  }

  const drawHero = (): void => {
    const total: Tally = { figures: 0, names: 0 }
    let messages = 0
    for (const seen of store().seen) {
      if (!mine(seen)) continue
      const found = tally(seen)
      total.figures += found.figures
      total.names += found.names
      if (seen.path.includes('/messages') && seen.refused === null && !seen.body?.includes('sender_action'))
        messages++
    }
    const clean = total.figures === 0
    hero.className = `hero ${clean ? 'clean' : 'leaky'}`
    const said = `${total.figures} ${total.figures === 1 ? 'figure' : 'figures'} seen in this chat`
    const rest =
      messages === 0
        ? 'Nothing has been sent to this customer yet.'
        : `In ${messages} ${messages === 1 ? 'message' : 'messages'} to ${person(store()).name.split(' ')[0]} the platform could read ${clean ? 'no amount and no account number' : 'what is marked below'}${total.names > 0 ? `${clean ? ', but' : ', and'} ${total.names === 1 ? '1 name that may be' : `${total.names} names that may be`} a merchant’s, an account’s or a purchase’s` : ''}.`
    hero.replaceChildren(
      h('span', { class: 'hero-sign' }, icon(clean ? 'shield' : 'alert')),
      h('span', { class: 'hero-number', 'aria-hidden': 'true' }, String(total.figures)),
      h(
        'span',
        { class: 'hero-words' },
        h(
          'strong',
          { 'aria-label': said },
          total.figures === 1 ? 'figure seen in this chat' : 'figures seen in this chat',
        ),
        h('span', {}, rest),
      ),
    )
    byId('tab-badge').textContent = String(total.figures)
    byId('tab-badge').className = `badge ${clean ? 'good' : 'bad'}`
  }

  const drawState = (): void => {
    const { thread, counters, situation } = store()
    const left = thread.windowUntil === null ? null : thread.windowUntil - now(store())
    const hours = left === null ? 0 : Math.floor(left / 3_600_000)
    const windowWords =
      left === null
        ? 'never opened'
        : left <= 0
          ? 'closed'
          : hours === 0
            ? `${Math.ceil(left / 60_000)} min`
            : `${hours} h ${Math.floor((left % 3_600_000) / 60_000)} min`
    const owners = { bot: 'the bot', inbox: 'a person', other: 'another app', nobody: 'nobody now' }
    const fact = (term: string, words: string, kind = ''): HTMLElement =>
      h('div', { class: kind }, h('dt', {}, term), h('dd', {}, words))
    facts.replaceChildren(
      fact('24-hour window', windowWords, left !== null && left > 0 ? 'good' : 'quiet'),
      fact(
        'Chat is with',
        owners[thread.owner],
        thread.owner === 'bot' || thread.owner === 'nobody' ? '' : 'warn',
      ),
      fact('Account', thread.linked ? 'connected' : 'not connected', thread.linked ? 'good' : 'quiet'),
      fact(
        'Webhooks',
        `${counters.webhooksAnswered} answered${counters.webhooksFailed > 0 ? `, ${counters.webhooksFailed} failed` : ''}`,
        counters.webhooksFailed > 0 ? 'warn' : '',
      ),
    )
    const problem = situation.outage
      ? 'Outage: the platform answers every call with an error.'
      : !situation.subscribed
        ? 'No app is subscribed to this page: webhooks go nowhere.'
        : situation.callback !== 'verified'
          ? situation.callback === 'refused'
            ? 'The bot refused the handshake (wrong verify token?).'
            : 'Waiting for the bot to answer the handshake.'
          : page(store()).restricted
            ? 'The platform has restricted this page: it cannot send.'
            : (situation.alerts.at(-1) ?? '')
    warning.hidden = problem === ''
    warning.replaceChildren(icon('alert'), h('span', {}, problem))
  }

  const drawTabs = (): void => {
    const count = store().seen.filter((seen) => all || mine(seen)).length
    const hooks = store().hooks.filter((hook) => all || hook.psids.includes(store().psid)).length
    tabSeen.replaceChildren(
      'Received',
      h('span', { class: 'wide-only' }, ' from the bot'),
      h('span', { class: 'count' }, String(count)),
    )
    tabHooks.replaceChildren(
      'Sent',
      h('span', { class: 'wide-only' }, ' to the bot'),
      h('span', { class: 'count' }, String(hooks)),
    )
    tabSeen.setAttribute('aria-pressed', String(tab === 'seen'))
    tabHooks.setAttribute('aria-pressed', String(tab === 'hooks'))
    scope.textContent = all ? 'Everyone' : 'This chat'
    scope.setAttribute(
      'aria-label',
      all ? 'Showing everyone; show this chat only' : 'Showing this chat; show everyone',
    )
  }

  const drawAll = (): void => {
    drawTabs()
    drawHero()
    drawState()
    drawFeed()
  }
  const drawSeen = (): void => {
    drawTabs()
    drawHero()
    if (tab === 'seen') drawFeed()
  }
  const drawHooks = (): void => {
    drawTabs()
    if (tab === 'hooks') drawFeed()
  }
  setInterval(() => drawState(), 30_000)
  return { drawAll, drawSeen, drawHooks, drawState }
}
