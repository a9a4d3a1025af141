import type { ChannelKind } from '../channel/channel.ts'

/** What fits into one message, in UTF-16 units: the shortest reading of each platform's limit. */
export type Limits = {
  readonly text: number
  /** Text beside buttons. */
  readonly buttonText: number
  readonly buttons: number
  readonly quickReplies: number
  /** Has a login button of its own (Messenger's Account Linking); elsewhere a login is a link like any other. */
  readonly login: boolean
  /** Has approved templates, so that something may be said outside the window. */
  readonly templates: boolean
}

/** Messenger: text under 2000, button template 640 and three buttons, 13 quick replies. Instagram: 1000 bytes. */
export const limitsOf: Readonly<Record<ChannelKind, Limits>> = {
  messenger: { text: 1900, buttonText: 640, buttons: 3, quickReplies: 13, login: true, templates: true },
  instagram: { text: 480, buttonText: 480, buttons: 3, quickReplies: 13, login: false, templates: false },
  whatsapp: { text: 4000, buttonText: 1000, buttons: 3, quickReplies: 10, login: false, templates: true },
  webchat: { text: 4000, buttonText: 4000, buttons: 5, quickReplies: 13, login: false, templates: false },
  mcp: { text: 4000, buttonText: 4000, buttons: 5, quickReplies: 13, login: false, templates: false },
}

/** Every platform cuts or refuses a longer title. */
export const titleLimit = 20
