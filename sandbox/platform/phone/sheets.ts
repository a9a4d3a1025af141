import { byId, h, icon } from './dom.ts'
import { tallyOf } from './figures.ts'

/**
 * Sheets live inside the phone's screen, not over the whole page: what is under them is inert, Escape closes, and the
 * focus goes back to where it was.
 */
export function openSheet(
  label: string,
  build: (close: () => void) => (Node | null)[],
  kind = '',
): () => void {
  closeSheets()
  const screen = byId('screen')
  const view = byId('view')
  const before = document.activeElement
  const close = (): void => {
    layer.remove()
    view.inert = false
    if (before instanceof HTMLElement && before.isConnected) before.focus()
  }
  const sheet = h('div', {
    class: `sheet ${kind}`,
    role: 'dialog',
    'aria-modal': 'true',
    'aria-label': label,
    tabindex: -1,
  })
  const layer = h(
    'div',
    { class: 'sheet-layer', onkeydown: (event) => (event as KeyboardEvent).key === 'Escape' && close() },
    h('div', { class: 'shade', onclick: close }),
    sheet,
  )
  sheet.append(...build(close).filter((node) => node !== null))
  view.inert = true
  screen.append(layer)
  const first = sheet.querySelector<HTMLElement>('button, a[href], input, textarea')
  ;(first ?? sheet).focus()
  return close
}

export function closeSheets(): void {
  for (const layer of document.querySelectorAll('.sheet-layer')) layer.remove()
  byId('view').inert = false
}

export const sheetRow = (
  sign: Parameters<typeof icon>[0],
  title: string,
  hint: string | null,
  act: () => void,
): HTMLElement =>
  h(
    'button',
    { type: 'button', class: 'sheet-row', onclick: act },
    icon(sign),
    h('span', {}, h('span', { class: 'row-title' }, title), hint === null ? null : h('small', {}, hint)),
  )

/** A tapped link asks where to open: the app that carried it may read what its own browser shows. */
export function openLink(url: string, title: string): void {
  const host = URL.canParse(url) ? new URL(url).host : url
  openSheet(`Open ${title}`, (close) => [
    h('div', { class: 'sheet-head' }, h('strong', { dir: 'auto' }, title), h('small', {}, host)),
    sheetRow('external', 'In your browser', 'The messenger cannot see the page', () => {
      close()
      window.open(url, '_blank', 'noopener')
    }),
    sheetRow('phone', 'In Messenger', 'Its in-app browser; the messenger can read the page', () => {
      close()
      void openInApp(url)
    }),
    h('button', { type: 'button', class: 'sheet-cancel', onclick: close }, 'Cancel'),
  ])
}

type WebviewAnswer =
  | { url: string; status: number; title: string; html: string; text: string }
  | { refused: string }

const refusals: Readonly<Record<string, string>> = {
  not_allowed: 'This phone’s in-app browser only opens pages of the bots it was set up with.',
  unreachable: 'The page does not answer.',
  not_a_page: 'What came back is not a page.',
  too_many_redirects: 'The page keeps sending the browser elsewhere.',
}

async function openInApp(url: string): Promise<void> {
  const host = URL.canParse(url) ? new URL(url).host : ''
  const note = h('p', { class: 'webview-note' }, 'Opening…')
  const body = h(
    'div',
    { class: 'webview-body' },
    h('div', { class: 'skeleton' }),
    h('div', { class: 'skeleton short' }),
  )
  openSheet(
    'Messenger’s in-app browser',
    (close) => [
      h(
        'div',
        { class: 'webview-bar' },
        h(
          'button',
          { type: 'button', class: 'icon-button', 'aria-label': 'Close', onclick: close },
          icon('close'),
        ),
        h('span', { class: 'webview-host' }, icon('lock'), host),
        h(
          'button',
          {
            type: 'button',
            class: 'icon-button',
            'aria-label': 'Open in your browser',
            onclick: () => window.open(url, '_blank', 'noopener'),
          },
          icon('external'),
        ),
      ),
      note,
      body,
    ],
    'full',
  )
  const answer = await fetch('/sandbox/webview', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url }),
  })
    .then((response) => response.json() as Promise<WebviewAnswer>)
    .catch((): WebviewAnswer => ({ refused: 'unreachable' }))
  if ('refused' in answer) {
    note.textContent = ''
    body.replaceChildren(
      h(
        'div',
        { class: 'webview-empty' },
        icon('alert'),
        h('p', {}, refusals[answer.refused] ?? 'The page could not be shown.'),
      ),
    )
    return
  }
  const { figures } = tallyOf(answer.text)
  note.replaceChildren(
    icon(figures === 0 ? 'shield' : 'alert'),
    h(
      'span',
      {},
      figures === 0
        ? 'Messenger can read this page: no figure on it'
        : `Messenger can read this page: ${figures} ${figures === 1 ? 'figure' : 'figures'} on it`,
    ),
  )
  note.className = `webview-note ${figures === 0 ? 'good' : 'bad'}`
  const frame = h('iframe', {
    title: answer.title || 'The page',
    sandbox: 'allow-popups allow-popups-to-escape-sandbox',
    referrerpolicy: 'no-referrer',
  })
  frame.srcdoc = answer.html
  body.replaceChildren(frame)
}
