import { minuteMs, secondMs } from '../../core/clock.ts'
import type { Outcome } from '../channel.ts'
import type { GraphError } from './wire.ts'

type Effect = NonNullable<Extract<Outcome, { state: 'not_sent' }>['effect']>

/** One row of the platform's error list (§13), and what we make of it. */
export type ErrorRow = {
  /** Our stable word for it; the `code` of an outcome. */
  readonly name: string
  /** `unknown`: the message may have gone out although an error came back. */
  readonly state: 'not_sent' | 'unknown'
  readonly retryable: boolean
  /** How often to try in all, where trying again is allowed. */
  readonly attempts: number
  readonly waitMs?: number
  readonly effect?: Effect
  /** The platform is slowing us down: the whole account waits, not one message. */
  readonly limited?: boolean
  /** Somebody must look at it. */
  readonly alert: boolean
  /** What the operator reads. */
  readonly sentence: string
}

const never = (name: string, sentence: string, effect?: Effect): ErrorRow => ({
  name,
  state: 'not_sent',
  retryable: false,
  attempts: 1,
  ...(effect === undefined ? {} : { effect }),
  alert: false,
  sentence,
})
const alarm = (name: string, sentence: string, effect?: Effect): ErrorRow => ({
  ...never(name, sentence, effect),
  alert: true,
})
const again = (name: string, attempts: number, waitMs: number, sentence: string): ErrorRow => ({
  name,
  state: 'not_sent',
  retryable: true,
  attempts,
  waitMs,
  alert: false,
  sentence,
})
const limit = (name: string, waitMs: number, sentence: string): ErrorRow => ({
  ...again(name, 20, waitMs, sentence),
  limited: true,
})

const outsideWindow = never(
  'outside_window',
  'The 24-hour window is closed: only a utility template or another channel can carry this.',
  'window_closed',
)
const gone = never(
  'person_unavailable',
  'The person has blocked the Page, left or closed the account: the chat is closed.',
  'close_contact',
)
const optInLimit = never(
  'marketing_limit',
  'A limit on marketing opt-ins was hit; this house sends no marketing.',
)
const noPermission = alarm(
  'permission_missing',
  'The app is not live or lacks a permission: only its testers can be reached. Check App Review.',
)
const mediaOnce = again(
  'media_not_fetched',
  2,
  5 * secondMs,
  'The platform could not fetch or use the media.',
)

/** Keyed by `code` or `code/subcode`; the more exact row wins. */
export const errorTable = {
  '1': again(
    'platform_unknown',
    2,
    30 * secondMs,
    'Unknown trouble at the platform; often a permission is missing.',
  ),
  '1/99': again(
    'platform_unknown',
    2,
    30 * secondMs,
    'Unknown trouble at the platform; often a permission is missing.',
  ),
  '1/1357046': {
    name: 'answer_broken_but_sent',
    state: 'unknown',
    retryable: false,
    attempts: 1,
    alert: false,
    sentence: 'The platform answered badly although messages were sent: the echo decides.',
  },
  '2': again(
    'platform_temporary',
    3,
    2 * secondMs,
    'Temporary trouble at the platform, or the person blocked the Page.',
  ),
  '1200': again('platform_temporary', 3, 2 * secondMs, 'The platform could not send just now.'),

  '4': limit('app_rate_limit', minuteMs, "The app's call limit is used up for now."),
  '17': limit('user_rate_limit', minuteMs, "The user's call limit is used up for now."),
  '32': limit('page_rate_limit', minuteMs, "The Page's call limit is used up for now."),
  '613': limit('send_rate_limit', 10 * secondMs, 'Too many calls in a short time.'),
  '613/2534040': limit('send_rate_limit', 10 * secondMs, 'Too many calls in a short time.'),
  '80006': limit(
    'messenger_rate_limit',
    5 * minuteMs,
    "Messenger's limit for this business is used up for now.",
  ),
  '613/2018338': alarm(
    'tag_warning',
    'The platform warns: people are bothered by tagged messages. Look at what was sent.',
  ),
  '9/2018352': optInLimit,
  '613/1893016': optInLimit,
  '4/2018354': optInLimit,
  '10/1893015': optInLimit,
  '10/1404170': optInLimit,

  '10': alarm(
    'permission_denied',
    'The app may not do this for this Page. Check permissions and App Review.',
  ),
  '10/2018278': outsideWindow,
  '10/2018065': outsideWindow,
  '10/2534022': outsideWindow,
  '10/2018108': never('person_cannot_receive', 'The person cannot receive messages now.'),
  '10/1893063': alarm(
    'page_restricted',
    'The Page is restricted by the platform for a time: sending is stopped. See Page Support.',
    'pause_account',
  ),
  '10/2018336': never(
    'thread_impact_check',
    "The platform's check of this thread forbids it (European features).",
  ),

  '100': never('bad_parameter', 'The platform refuses a parameter (or a message tag that no longer exists).'),
  '100/33': never('object_missing', 'The object does not exist or this token may not see it.'),
  '100/2018001': never('no_such_person', 'No person has this id on this Page.', 'close_contact'),
  '100/2018164': alarm('wrong_app', 'The id belongs to another app: check the app id of this channel.'),
  '100/2018008': mediaOnce,
  '100/2018047': mediaOnce,
  '100/2018294': mediaOnce,
  '100/2018014': never('message_with_action', 'A message and a sender action cannot go together.'),
  '100/2018074': never('foreign_attachment', 'The attachment is not ours.'),
  '100/2018109': never('attachment_too_large', 'The attachment is too large.'),
  '100/2534015': never('wrong_data_for_type', 'The data does not fit the type of message.'),
  '100/2534037': never(
    'not_thread_owner',
    'Another app owns the thread: request control first.',
    'not_owner',
  ),

  '190': alarm(
    'token_invalid',
    'The Page token is invalid or expired: sending is stopped. Give the channel a new token.',
    'pause_account',
  ),
  '200': noPermission,
  '200/2018028': noPermission,
  '200/2018027': noPermission,
  '200/1545041': gone,
  '230': alarm('permission_missing', 'The permission pages_messaging is missing.'),
  '551': gone,
  '551/1545041': gone,
  '2022': never('commerce_disabled', 'Commerce messages are switched off after a violation.'),
  '10301': never('linking_token_expired', 'The account-linking token has expired: send a new button.'),
  '10303': never('linking_token_invalid', 'The account-linking token is invalid: send a new button.'),
  '2018218': never('no_profile', 'The person has no profile to read.'),
  '2018247': never('profile_not_permitted', "The app may not read this person's profile."),
  '2018300': never('not_thread_owner', 'Another app controls the thread.', 'not_owner'),
  '2018321': {
    ...again(
      'platform_flow_active',
      5,
      10 * minuteMs,
      "The platform's own question flow controls the thread; it will end.",
    ),
    effect: 'not_owner',
  },
  '2071011': never(
    'extensions_not_enabled',
    'Messenger Extensions are not enabled for this button or domain.',
  ),
  '9000001': never('message_deleted', 'One of the two deleted the message.'),
} as const satisfies Record<string, ErrorRow>

const rows: Readonly<Record<string, ErrorRow>> = errorTable

const isRow = (key: string): boolean => Object.hasOwn(rows, key)

/**
 * The row for an error: by (code, subcode), else by code, else a cautious one. `status` is the HTTP status: an error
 * that is not listed and came with a 5xx proves nothing, so its outcome is unknown. Never decides on message text.
 */
export function rowFor(error: GraphError, status: number): ErrorRow {
  const { code, error_subcode: subcode } = error
  const exact = `${code}/${subcode}`
  // "Unknown trouble" (1, 1/99) with a server error does not even prove that nothing was sent.
  const provesNothing = code === 1 && status >= 500
  if (subcode !== undefined && isRow(exact) && !(provesNothing && subcode === 99))
    return rows[exact] as ErrorRow
  // The list gives some long numbers alone (2018300, 10303): they also come as the subcode of a general code.
  if (subcode !== undefined && subcode > 10_000 && isRow(String(subcode)))
    return rows[String(subcode)] as ErrorRow
  if (code >= 2_071_010 && code <= 2_071_025 && !isRow(String(code))) {
    return never('webview_error', "The messenger's page extension failed on the person's device.")
  }
  const byCode = isRow(String(code)) ? rows[String(code)] : undefined
  if (byCode !== undefined && !provesNothing) return byCode
  const name = subcode === undefined ? `graph_${code}` : `graph_${code}_${subcode}`
  const sentence = 'The platform gave an error that is not in its list.'
  if (error.is_transient === true && status < 500) return again(name, 3, 5 * secondMs, sentence)
  if (status >= 500) {
    return { name, state: 'unknown', retryable: false, attempts: 1, alert: false, sentence }
  }
  return never(name, sentence)
}

/** How often a message that failed with this code may be tried in all. */
export function attemptsFor(code: string): number {
  for (const row of Object.values(rows)) if (row.name === code) return row.attempts
  return ownTroubles[code]?.attempts ?? 3
}

/** What the operator reads for an outcome's code. */
export function sentenceFor(code: string): string {
  for (const row of Object.values(rows)) if (row.name === code) return row.sentence
  return ownTroubles[code]?.sentence ?? 'The platform gave an error that is not in its list.'
}

/** Codes of outcomes that are not the platform's errors but the way to it. */
const ownTroubles: Readonly<Record<string, { readonly attempts: number; readonly sentence: string }>> = {
  not_connected: { attempts: 20, sentence: 'The platform could not be reached; nothing was sent.' },
  too_many_requests: { attempts: 20, sentence: 'The platform asked to slow down.' },
  held_by_platform: { attempts: 1_000, sentence: 'Waiting because the platform asked us to.' },
  no_answer: { attempts: 1, sentence: 'The request left but no answer came: the echo decides.' },
  answer_broken: { attempts: 1, sentence: 'The answer could not be read: the echo decides.' },
  wrong_account: { attempts: 1, sentence: 'The message belongs to another Page than this channel.' },
}

export function outcomeOf(row: ErrorRow, waitMs = row.waitMs): Outcome {
  if (row.state === 'unknown') return { state: 'unknown', code: row.name }
  return {
    state: 'not_sent',
    code: row.name,
    retryable: row.retryable,
    ...(waitMs === undefined ? {} : { waitMs }),
    ...(row.effect === undefined ? {} : { effect: row.effect }),
  }
}
