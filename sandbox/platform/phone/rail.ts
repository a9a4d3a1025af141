import { avatar, byId, h } from './dom.ts'
import { word } from './loose.ts'
import { ask, page, toast, type Store } from './store.ts'

export type Rail = { draw(): void }

/** Who holds the phone, and the things that can happen to them. */
export function createRail(store: () => Store, open: (pageId: string, psid: string) => void): Rail {
  let bank = ''

  const act = (body: Record<string, unknown>, done: string) => async (): Promise<void> => {
    const answer = await ask('/sandbox/act', { page: store().pageId, psid: store().psid, ...body })
    if (answer !== null && done !== '') toast(done)
  }
  const atBank = (event: string) => async (): Promise<void> => {
    const answer = await ask('/sandbox/bank', { bank, event, psid: store().psid })
    if (answer !== null) toast(word(answer['said']))
  }
  const button = (title: string, run: () => unknown, pressed?: boolean): HTMLElement =>
    h(
      'button',
      {
        type: 'button',
        class: 'event',
        'aria-pressed': pressed === undefined ? null : String(pressed),
        onclick: () => void run(),
      },
      title,
    )
  const group = (title: string, ...children: (HTMLElement | null)[]): HTMLElement =>
    h('div', { class: 'event-group', role: 'group', 'aria-label': title }, h('h4', {}, title), ...children)

  const newCustomer = async (): Promise<void> => {
    const answer = await ask('/sandbox/act', { act: 'new_person' })
    const made = answer?.['result'] as { psid: string } | undefined
    if (made) open(store().pageId, made.psid)
  }

  const draw = (): void => {
    const focused = document.activeElement?.closest('#rail') ? document.activeElement.textContent : null
    const { people, psid, thread, situation, banks, bankEvents } = store()
    const person = people.get(psid)
    byId('people').replaceChildren(
      ...[...people.values()].map((one) =>
        h(
          'button',
          {
            type: 'button',
            class: 'person',
            'aria-pressed': String(one.psid === psid),
            onclick: () => open(store().pageId, one.psid),
          },
          avatar(one.name, 'small'),
          h('span', {}, h('strong', {}, one.name), h('small', {}, one.hint)),
        ),
      ),
      h(
        'button',
        { type: 'button', class: 'person new', onclick: () => void newCustomer() },
        h('span', { class: 'avatar small plus', 'aria-hidden': 'true' }, '+'),
        h('span', {}, h('strong', {}, 'A new customer'), h('small', {}, 'fresh chat, no history')),
      ),
    )
    const offered = banks.filter((name) => person?.banks.includes(name))
    if (!offered.includes(bank)) bank = offered[0] ?? ''
    const select = h(
      'select',
      {
        'aria-label': 'Which bank',
        onchange: (event) => {
          bank = (event.target as HTMLSelectElement).value
        },
      },
      ...offered.map((name) => h('option', { value: name, selected: name === bank }, `at ${name}`)),
    )
    const handed = thread.owner === 'inbox' || thread.owner === 'other'
    byId('events').replaceChildren(
      ...[
        offered.length === 0
          ? null
          : group(
              'At the bank',
              offered.length > 1 ? select : null,
              ...bankEvents.map((event) => button(event.title, atBank(event.key))),
            ),
        group(
          'In this chat',
          button(
            handed ? 'Give back to the bot' : 'A person takes over',
            act({ act: handed ? 'hand_back' : 'hand_over' }, ''),
            handed,
          ),
          handed
            ? button(
                'Staff write a reply',
                act({ act: 'staff_reply', text: 'Hello, this is a person. How can I help?' }, ''),
              )
            : null,
          button(
            'Close the 24-hour window',
            act({ act: 'close_window' }, 'As if a day had passed since the last message.'),
          ),
          button(
            thread.blocked ? 'Unblock' : 'Block the bank',
            act({ act: 'block', on: !thread.blocked }, ''),
            thread.blocked,
          ),
        ),
        group(
          'On the platform',
          button(
            situation.outage ? 'End the outage' : 'Outage',
            act({ act: 'outage', on: !situation.outage }, ''),
            situation.outage,
          ),
          button(
            'Deliver the next twice',
            act({ act: 'double', count: 1 }, 'The next webhook is sent two times.'),
            situation.double > 0,
          ),
          button(
            page(store()).restricted ? 'Lift the restriction' : 'Restrict the page',
            act({ act: 'enforce', action: page(store()).restricted ? 'unblock' : 'block' }, ''),
            page(store()).restricted,
          ),
          situation.callback === 'verified' && situation.subscribed
            ? null
            : button('Try the handshake again', act({ act: 'subscribe' }, '')),
        ),
      ].filter((one) => one !== null),
    )
    if (focused !== null)
      [...byId('rail').querySelectorAll('button')]
        .find((one) => one.textContent === focused)
        ?.focus({ preventScroll: true })
  }
  return { draw }
}
