import { createChat } from './chat.ts'
import { byId, icon } from './dom.ts'
import { createPanel } from './panel.ts'
import { createRail } from './rail.ts'
import { closeSheets } from './sheets.ts'
import { apply, fromHello, now, person, type Store } from './store.ts'
import type { Hello, LiveEvent } from './wire.ts'

/** The phone page: one live connection, four parts that draw from one store. The address keeps which chat is open: `#page/psid`. */
let current: Store | null = null
let source: EventSource | null = null
const store = (): Store => {
  if (current === null) throw new Error('nothing is known yet')
  return current
}
const fromAddress = (): [string, string] => {
  const [pageId = '', psid = ''] = decodeURIComponent(location.hash.slice(1)).split('/')
  return [pageId, psid]
}
const open = (pageId: string, psid: string): void => {
  location.hash = `${encodeURIComponent(pageId)}/${encodeURIComponent(psid)}`
}

const chat = createChat(store, open)
const panel = createPanel(store)
const rail = createRail(store, open)

/** Several events may come at once; each part is drawn at most once a frame. */
const dirty = new Set<string>()
const draw = (what: string): void => {
  if (dirty.size === 0) requestAnimationFrame(flush)
  dirty.add(what)
}
const flush = (): void => {
  const parts = new Set(dirty)
  dirty.clear()
  if (parts.has('page')) chat.drawAll()
  else {
    if (parts.has('message') || parts.has('people')) chat.drawMessages()
    if (parts.has('thread')) chat.drawThread()
  }
  if (parts.has('seen')) panel.drawSeen()
  if (parts.has('hook')) panel.drawHooks()
  if (parts.has('thread') || parts.has('state') || parts.has('page')) panel.drawState()
  if (parts.has('thread') || parts.has('state') || parts.has('people') || parts.has('page')) rail.draw()
}

function connect(): void {
  source?.close()
  const [pageId, psid] = fromAddress()
  const query = new URLSearchParams({ page: pageId, psid })
  source = new EventSource(`/phone/live?${query}`)
  source.addEventListener('hello', (event) => {
    current = fromHello(JSON.parse((event as MessageEvent<string>).data) as Hello)
    document.body.classList.add('ready')
    document.body.classList.remove('away')
    chat.drawAll()
    panel.drawAll()
    rail.draw()
    tick()
  })
  source.addEventListener('live', (event) => {
    const change = apply(store(), JSON.parse((event as MessageEvent<string>).data) as LiveEvent)
    if (change !== null) draw(change)
  })
  // The browser tries again by itself and gets the whole picture anew.
  source.addEventListener('error', () => document.body.classList.add('away'))
}

const tick = (): void => {
  if (current === null) return
  byId('clock').textContent = new Intl.DateTimeFormat('en-GB', {
    hour: 'numeric',
    minute: '2-digit',
    timeZone: person(current).timeZone,
  }).format(now(current))
}
setInterval(tick, 10_000)

addEventListener('hashchange', () => {
  closeSheets()
  connect()
})

// On a narrow screen one part is shown at a time.
for (const tab of document.querySelectorAll<HTMLButtonElement>('[data-show]')) {
  tab.addEventListener('click', () => {
    document.body.dataset['view'] = tab.dataset['show']
    for (const other of document.querySelectorAll('[data-show]'))
      other.setAttribute('aria-pressed', String(other === tab))
  })
}

const root = document.documentElement
const isDark = (): boolean =>
  root.dataset['theme'] === undefined
    ? matchMedia('(prefers-color-scheme: dark)').matches
    : root.dataset['theme'] === 'dark'
const theme = byId('theme')
theme.append(icon('sun'))
theme.addEventListener('click', () => {
  root.dataset['theme'] = isDark() ? 'light' : 'dark'
  localStorage.setItem('sandbox-theme', root.dataset['theme'])
})

connect()
