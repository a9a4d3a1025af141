import type { Inbound } from '../../src/channel/channel.ts'

/**
 * The case table of the Messenger channel: what the platform posts (one element of `messaging[]`, without sender,
 * recipient and timestamp) and what it is in our words. One line a form; a new form gets a new line.
 */
export type Case = {
  readonly says: string
  readonly event: Readonly<Record<string, unknown>>
  readonly name: string
  readonly becomes: Partial<Inbound> & { readonly kind: Inbound['kind'] }
}

const inboxApp = 263902037430900

export const cases: readonly Case[] = [
  {
    says: 'a text',
    event: { message: { mid: 'm_1', text: 'Balance?' } },
    name: 'text',
    becomes: { kind: 'text', key: 'm:m_1', mid: 'm_1', text: 'Balance?' },
  },
  {
    says: 'an answer to a message',
    event: { message: { mid: 'm_1', text: 'yes', reply_to: { mid: 'm_0', is_self_reply: false } } },
    name: 'text',
    becomes: { kind: 'text', text: 'yes', replyTo: 'm_0' },
  },
  {
    says: 'a text that came through an ad keeps no shopping context',
    event: { message: { mid: 'm_1', text: 'hi', referral: { product: { id: 'p' } } } },
    name: 'text',
    becomes: { kind: 'text', text: 'hi' },
  },
  {
    says: 'a quick reply is a choice, though it comes as a message',
    event: { message: { mid: 'm_1', text: 'Yes', quick_reply: { payload: 'YES' } } },
    name: 'quick_reply',
    becomes: {
      kind: 'choice',
      key: 'm:m_1',
      source: 'quick_reply',
      mid: 'm_1',
      payload: 'YES',
      title: 'Yes',
    },
  },
  {
    says: 'an image',
    event: {
      message: { mid: 'm_1', attachments: [{ type: 'image', payload: { url: 'https://x.test/a' } }] },
    },
    name: 'attachment',
    becomes: { kind: 'attachment', types: ['image'] },
  },
  {
    says: 'several attachments with words',
    event: {
      message: {
        mid: 'm_1',
        text: 'look',
        attachments: [{ type: 'image' }, { type: 'file' }, { type: 'location' }],
      },
    },
    name: 'attachment',
    becomes: { kind: 'attachment', types: ['image', 'file', 'location'], text: 'look' },
  },
  {
    says: 'a fallback without payload',
    event: { message: { mid: 'm_1', attachments: [{ type: 'fallback' }] } },
    name: 'attachment',
    becomes: { kind: 'attachment', types: ['fallback'] },
  },
  {
    says: 'a fallback of the old form',
    event: {
      message: { mid: 'm_1', attachments: [{ type: 'fallback', payload: null, title: 'T', URL: 'u' }] },
    },
    name: 'attachment',
    becomes: { kind: 'attachment', types: ['fallback'] },
  },
  {
    says: 'a sticker of the old form',
    event: {
      message: { mid: 'm_1', sticker_id: 1, attachments: [{ type: 'image', payload: { sticker_id: 1 } }] },
    },
    name: 'attachment',
    becomes: { kind: 'attachment', types: ['sticker'] },
  },
  {
    says: 'a sticker that comes as image and as sticker',
    event: {
      message: {
        mid: 'm_1',
        attachments: [
          { type: 'image', payload: { sticker_id: 1 } },
          { type: 'sticker', payload: { sticker_id: 1 } },
        ],
      },
    },
    name: 'attachment',
    becomes: { kind: 'attachment', types: ['sticker'] },
  },
  {
    says: 'a sticker of the new form',
    event: {
      message: { mid: 'm_1', attachments: [{ type: 'sticker', payload: { url: 'https://x.test' } }] },
    },
    name: 'attachment',
    becomes: { kind: 'attachment', types: ['sticker'] },
  },
  {
    says: 'a message the platform cannot hand over',
    event: { message: { mid: 'm_1', is_unsupported: true } },
    name: 'unsupported.message',
    becomes: { kind: 'unsupported', name: 'message', key: 'm:m_1' },
  },
  {
    says: 'an empty text',
    event: { message: { mid: 'm_1', text: '' } },
    name: 'unsupported.message_empty',
    becomes: { kind: 'unsupported', name: 'message_empty' },
  },
  {
    says: 'no text and an empty list of attachments',
    event: { message: { mid: 'm_1', attachments: [] } },
    name: 'unsupported.message_empty',
    becomes: { kind: 'unsupported', name: 'message_empty' },
  },
  {
    says: 'a message taken back has its own key',
    event: { message: { mid: 'm_1', is_deleted: true } },
    name: 'deleted',
    becomes: { kind: 'deleted', mid: 'm_1', key: 'deleted:m_1' },
  },
  {
    says: 'a tap on a button',
    event: { postback: { mid: 'm_2', title: 'See balance', payload: 'BALANCE' } },
    name: 'postback',
    becomes: {
      kind: 'choice',
      key: 'p:m_2',
      source: 'postback',
      mid: 'm_2',
      payload: 'BALANCE',
      title: 'See balance',
    },
  },
  {
    says: 'a tap that began the thread, through a link',
    event: {
      postback: { payload: 'START', referral: { ref: 'poster-7', source: 'SHORTLINK', type: 'OPEN_THREAD' } },
    },
    name: 'postback',
    becomes: { kind: 'choice', mid: null, payload: 'START', title: '', ref: 'poster-7' },
  },
  {
    says: 'a return through a link',
    event: { referral: { ref: 'x', source: 'SHORTLINK', type: 'OPEN_THREAD' } },
    name: 'referral',
    becomes: { kind: 'referral', ref: 'x', source: 'SHORTLINK' },
  },
  {
    says: 'a link made',
    event: { account_linking: { status: 'linked', authorization_code: 'c0de' } },
    name: 'linked',
    becomes: { kind: 'linked', code: 'c0de', key: 'linked:PERSON|c0de' },
  },
  {
    says: 'a link ended',
    event: { account_linking: { status: 'unlinked' } },
    name: 'unlinked',
    becomes: { kind: 'unlinked' },
  },
  {
    says: 'a link made without a code is none',
    event: { account_linking: { status: 'linked' } },
    name: 'unsupported.malformed_account_linking',
    becomes: { kind: 'unsupported' },
  },
  {
    says: 'a delivery',
    event: { delivery: { mids: ['m_9'], watermark: 1_790_000_000_000 } },
    name: 'delivery',
    becomes: { kind: 'delivery', mids: ['m_9'], watermark: 1_790_000_000_000 },
  },
  {
    says: 'a delivery that names no message, in seconds',
    event: { delivery: { watermark: 1_790_000_000, seq: 3 } },
    name: 'delivery',
    becomes: { kind: 'delivery', mids: [], watermark: 1_790_000_000_000 },
  },
  {
    says: 'a reading',
    event: { read: { watermark: 1_790_000_000_000 } },
    name: 'read',
    becomes: { kind: 'read', watermark: 1_790_000_000_000 },
  },
  {
    says: 'an edit, its number a text',
    event: { message_edit: { mid: 'm_1', text: 'new', num_edit: '37' } },
    name: 'edit',
    becomes: { kind: 'edit', mid: 'm_1', text: 'new', revision: 37, key: 'edit:m_1|37' },
  },
  {
    says: 'a reaction',
    event: { reaction: { mid: 'm_9', action: 'react', reaction: 'like', emoji: '👍' } },
    name: 'reaction',
    becomes: { kind: 'reaction', mid: 'm_9', action: 'react', reaction: 'like' },
  },
  {
    says: 'a reaction taken back',
    event: { reaction: { mid: 'm_9', action: 'unreact' } },
    name: 'reaction',
    becomes: { kind: 'reaction', action: 'unreact', reaction: null },
  },
  {
    says: 'a sign-up through a plugin',
    event: { optin: { ref: 'page-3' } },
    name: 'optin',
    becomes: { kind: 'optin', optinType: 'plugin', ref: 'page-3', userRef: null },
  },
  {
    says: 'a sign-up for notifications',
    event: { optin: { type: 'notification_messages', payload: 'p', notification_messages_token: 't' } },
    name: 'optin',
    becomes: { kind: 'optin', optinType: 'notification_messages', ref: 'p' },
  },
  {
    says: 'the thread passed to us',
    event: { pass_thread_control: { previous_owner_app_id: null, new_owner_app_id: 42, metadata: 'T-1' } },
    name: 'handover.passed',
    becomes: { kind: 'handover', change: 'passed', owner: '42', ours: true },
  },
  {
    says: "the thread taken by the Page's inbox",
    event: { take_thread_control: { previous_owner_app_id: '42', new_owner_app_id: inboxApp } },
    name: 'handover.taken',
    becomes: { kind: 'handover', change: 'taken', owner: String(inboxApp), ours: false },
  },
  {
    says: 'a request for the thread changes no owner',
    event: { request_thread_control: { requested_owner_app_id: inboxApp } },
    name: 'handover.requested',
    becomes: { kind: 'handover', change: 'requested', owner: null, ours: null },
  },
  {
    says: 'roles of apps',
    event: { app_roles: { 42: ['primary_receiver'] } },
    name: 'handover.roles',
    becomes: { kind: 'handover', change: 'roles', ours: true },
  },
  {
    says: 'a block by the platform',
    event: { policy_enforcement: { action: 'block', reason: 'because' } },
    name: 'policy_enforcement',
    becomes: { kind: 'policy_enforcement', action: 'block' },
  },
  {
    says: 'the same with a hyphen',
    event: { 'policy-enforcement': { action: 'unblock' } },
    name: 'policy_enforcement',
    becomes: { kind: 'policy_enforcement', action: 'unblock' },
  },
  {
    says: 'a survey answered keeps no answer',
    event: {
      messaging_feedback: { feedback_screens: [{ screen_id: 0, questions: { q1: { payload: '5' } } }] },
    },
    name: 'feedback.survey',
    becomes: { kind: 'feedback', about: 'survey' },
  },
  {
    says: 'a thumb',
    event: { response_feedback: { feedback: 'Good response', mid: 'm_9' } },
    name: 'feedback.response',
    becomes: { kind: 'feedback', about: 'response' },
  },
  {
    says: "a template's status",
    event: { messenger_template_status_update: { event: 'APPROVED', message_template_name: 'card_alert' } },
    name: 'template_status',
    becomes: { kind: 'template_status', template: 'card_alert', status: 'APPROVED' },
  },
  {
    says: "a template's status under its other name",
    event: { message_template_status_update: { event: 'REJECTED', message_template_id: 7 } },
    name: 'template_status',
    becomes: { kind: 'template_status', template: '7', status: 'REJECTED' },
  },
  {
    says: 'a payment of the closed beta',
    event: { payment: { amount: { amount: 29.62 } } },
    name: 'unsupported.payment',
    becomes: { kind: 'unsupported', name: 'payment' },
  },
  {
    says: 'a game',
    event: { game_play: { score: 99 } },
    name: 'unsupported.game_play',
    becomes: { kind: 'unsupported', name: 'game_play' },
  },
  {
    says: 'something of next year',
    event: { hologram: { seen: true } },
    name: 'unsupported.hologram',
    becomes: { kind: 'unsupported', name: 'hologram' },
  },
  {
    says: 'a key that is not a word is not repeated',
    event: { 'Robert"); DROP': {} },
    name: 'unsupported.unknown',
    becomes: { kind: 'unsupported', name: 'unknown' },
  },
  {
    says: 'nothing at all',
    event: {},
    name: 'unsupported.empty',
    becomes: { kind: 'unsupported', name: 'empty' },
  },
  {
    says: 'a message that is a text instead of an object',
    event: { message: 'hi' },
    name: 'unsupported.malformed_message',
    becomes: { kind: 'unsupported' },
  },
  {
    says: 'a postback that is a list',
    event: { postback: [1] },
    name: 'unsupported.malformed_postback',
    becomes: { kind: 'unsupported' },
  },
  {
    says: 'a message without an id',
    event: { message: { text: 'hi' } },
    name: 'unsupported.message_without_mid',
    becomes: { kind: 'unsupported' },
  },
]
