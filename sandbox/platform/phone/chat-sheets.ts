import type { Composer } from './composer.ts'
import { h } from './dom.ts'
import { openLink, openSheet, sheetRow } from './sheets.ts'
import { page, type Store } from './store.ts'
import type { ChatMessage, JsonObject } from './wire.ts'

const reactions = ['👍', '❤', '😆', '😮', '😢', '😡']

/** The sheets of a chat: what can be done with a message, what to attach, the page's menu, the chat itself. */
export function createChatSheets(
  store: () => Store,
  act: (body: JsonObject) => Promise<unknown>,
  composer: Composer,
): { more(message: ChatMessage): void; attach(): void; menu(): void; chat(): void } {
  const moreSheet = (message: ChatMessage): void => {
    openSheet('Message options', (close) => {
      const then = (run: () => void) => () => {
        close()
        run()
      }
      return [
        h(
          'div',
          { class: 'reaction-row', role: 'group', 'aria-label': 'React' },
          ...reactions.map((emoji) =>
            h(
              'button',
              {
                type: 'button',
                'aria-label': `React ${emoji}`,
                'aria-pressed': String(message.reaction === emoji),
                onclick: then(
                  () =>
                    void act({
                      act: 'react',
                      mid: message.mid,
                      emoji: message.reaction === emoji ? null : emoji,
                    }),
                ),
              },
              emoji,
            ),
          ),
        ),
        sheetRow(
          'reply',
          'Reply',
          null,
          then(() => composer.replyTo(message)),
        ),
        message.from === 'person' && message.via === 'text'
          ? sheetRow(
              'edit',
              'Edit',
              null,
              then(() => composer.edit(message)),
            )
          : null,
        message.from === 'person'
          ? sheetRow(
              'trash',
              'Unsend',
              'The bot is told to forget it',
              then(() => void act({ act: 'remove', mid: message.mid })),
            )
          : null,
        h('button', { type: 'button', class: 'sheet-cancel', onclick: close }, 'Cancel'),
      ]
    })
  }
  const attachSheet = (): void => {
    const kinds = [
      ['image', 'image', 'A photo'],
      ['audio', 'mic', 'A voice message'],
      ['file', 'file', 'A file'],
      ['location', 'pin', 'A place'],
      ['fallback', 'external', 'A shared link'],
    ] as const
    openSheet('Attach', (close) => [
      h('div', { class: 'sheet-head' }, h('strong', {}, 'Send')),
      ...kinds.map(([type, sign, title]) =>
        sheetRow(sign, title, null, () => {
          close()
          void act({ act: 'attachment', type })
        }),
      ),
    ])
  }
  const menuSheet = (): void => {
    const { menu, commands, name } = page(store())
    openSheet('Menu', (close) => [
      h('div', { class: 'sheet-head' }, h('strong', {}, name), h('small', {}, 'Menu')),
      ...menu.map((item, index) =>
        sheetRow(item.type === 'web_url' ? 'external' : 'reply', item.title, null, () => {
          close()
          if (item.type === 'web_url') openLink(item.url ?? '', item.title)
          else void act({ act: 'menu', index })
        }),
      ),
      ...commands.map((command) =>
        sheetRow('bolt', `/${command.name}`, command.description, () => {
          close()
          void act({ act: 'text', text: `/${command.name}` })
        }),
      ),
      h('button', { type: 'button', class: 'sheet-cancel', onclick: close }, 'Cancel'),
    ])
  }
  const chatSheet = (): void => {
    const { thread } = store()
    openSheet('Chat options', (close) => {
      const then = (body: JsonObject) => () => {
        close()
        void act(body)
      }
      return [
        h('div', { class: 'sheet-head' }, h('strong', {}, page(store()).name), h('small', {}, 'This chat')),
        thread.linked
          ? sheetRow(
              'lock',
              'Disconnect my account',
              'The bank hears that you logged out',
              then({ act: 'logout' }),
            )
          : null,
        sheetRow(
          'close',
          thread.blocked ? 'Unblock' : 'Block',
          thread.blocked ? null : 'It can no longer write to you',
          then({ act: 'block', on: !thread.blocked }),
        ),
        sheetRow('trash', 'Delete this chat', 'The platform tells nobody', then({ act: 'reset' })),
        h('button', { type: 'button', class: 'sheet-cancel', onclick: close }, 'Cancel'),
      ]
    })
  }
  return { more: moreSheet, attach: attachSheet, menu: menuSheet, chat: chatSheet }
}
