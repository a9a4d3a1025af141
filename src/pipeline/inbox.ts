import type { InboundKind } from '../channel/channel.ts'

/** Kinds as stored; numbers are never reused. */
const kindNumbers: Readonly<Record<InboundKind, number>> = {
  text: 1,
  choice: 2,
  attachment: 3,
  edit: 4,
  deleted: 5,
  reaction: 6,
  referral: 7,
  echo: 8,
  delivery: 9,
  read: 10,
  linked: 11,
  unlinked: 12,
  optin: 13,
  handover: 14,
  policy_enforcement: 15,
  feedback: 16,
  template_status: 17,
  unsupported: 18,
}
export const kindNumber = (kind: InboundKind): number => kindNumbers[kind]
