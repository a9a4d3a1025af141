/**
 * Every refusal of the Graph API this simulator can give, with its code, subcode and HTTP status (reference §13). The
 * key is ours; a caller of the API must decide on (code, subcode) and never on the text.
 */
type Row = {
  readonly http: number
  readonly code: number
  readonly subcode?: number
  readonly message: string
  readonly transient?: true
}

export const graphErrors = {
  unknown: { http: 500, code: 1, subcode: 99, message: 'An unknown error occurred' },
  sent_but_garbled: {
    http: 500,
    code: 1,
    subcode: 1357046,
    message: 'Received invalid JSON reply, the messages were sent',
  },
  temporary: { http: 500, code: 2, message: 'Service temporarily unavailable', transient: true },
  temporary_send: {
    http: 500,
    code: 1200,
    message: 'Temporary send message failure. Please try again later.',
    transient: true,
  },
  app_rate: { http: 403, code: 4, message: '(#4) Application request limit reached', transient: true },
  page_rate: { http: 400, code: 32, message: '(#32) Page request limit reached', transient: true },
  send_rate: {
    http: 400,
    code: 613,
    message: '(#613) Calls to this api have exceeded the rate limit.',
    transient: true,
  },
  messenger_rate: {
    http: 400,
    code: 80006,
    message: '(#80006) There have been too many calls to this Messenger account. Wait a bit and try again.',
    transient: true,
  },
  too_many_requests: {
    http: 429,
    code: 613,
    message: '(#613) Calls to this api have exceeded the rate limit.',
    transient: true,
  },
  window_closed: {
    http: 403,
    code: 10,
    subcode: 2018278,
    message: '(#10) This message is sent outside of allowed window.',
  },
  cannot_receive: {
    http: 403,
    code: 10,
    subcode: 2018108,
    message: '(#10) This person cannot receive messages from this Page right now.',
  },
  page_restricted: {
    http: 403,
    code: 10,
    subcode: 1893063,
    message: '(#10) This Page is temporarily restricted from sending messages.',
  },
  permission: { http: 403, code: 10, message: '(#10) Application does not have permission for this action' },
  other_app_controls: {
    http: 403,
    code: 10,
    subcode: 2018300,
    message: '(#10) Message failed to send because another app is controlling this thread now.',
  },
  parameter: { http: 400, code: 100, message: '(#100) Invalid parameter' },
  no_object: {
    http: 400,
    code: 100,
    subcode: 33,
    message:
      'Unsupported request. The object does not exist, cannot be loaded due to missing permissions, or does not support this operation.',
  },
  no_user: { http: 400, code: 100, subcode: 2018001, message: '(#100) No matching user found' },
  bad_app_id: { http: 400, code: 100, subcode: 2018164, message: '(#100) Invalid app id' },
  message_and_action: {
    http: 400,
    code: 100,
    subcode: 2018014,
    message: '(#100) Cannot have both a message and a sender action in the same request',
  },
  not_your_attachment: {
    http: 400,
    code: 100,
    subcode: 2018074,
    message: '(#100) The attachment does not belong to this Page',
  },
  attachment_too_large: {
    http: 400,
    code: 100,
    subcode: 2018109,
    message: '(#100) Attachment size exceeds allowable limit',
  },
  not_owner: {
    http: 400,
    code: 100,
    subcode: 2534037,
    message: '(#100) Only the app that owns the thread can do this',
  },
  no_token: { http: 400, code: 104, message: 'An access token is required to request this resource.' },
  bad_token: { http: 401, code: 190, message: 'Invalid OAuth access token - Cannot parse access token' },
  app_not_allowed: { http: 403, code: 200, message: '(#200) Missing permission on this Page' },
  unavailable_person: {
    http: 403,
    code: 200,
    subcode: 1545041,
    message: '(#200) This person is not available right now',
  },
  blocked: {
    http: 400,
    code: 551,
    subcode: 1545041,
    message: "(#551) This person isn't available right now.",
  },
  callback_failed: { http: 400, code: 2200, message: '(#2200) Callback verification failed' },
  link_expired: { http: 400, code: 10301, message: 'Expired account_linking_token' },
  link_invalid: { http: 400, code: 10303, message: 'Invalid account_linking_token' },
  no_profile: { http: 400, code: 2018218, message: 'No profile is available for this person' },
} as const satisfies Record<string, Row>

export type GraphErrorKey = keyof typeof graphErrors

/** A refusal of the API: which row, and the words that go with it. */
export type Failure = { readonly failed: GraphErrorKey; readonly message?: string }
export const fail = (failed: GraphErrorKey, message?: string): Failure => ({ failed, message })
export const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && 'failed' in value

/** An answer of the API, as bytes-to-be. */
export type Reply = {
  readonly status: number
  readonly body: string
  readonly failed?: GraphErrorKey
  /** Page-scoped id and message id, where a send was accepted; for the recorder and the phone page. */
  readonly psid?: string
  readonly mid?: string
}

let traces = 0
/** The error as the Graph API words it. `fbtrace_id` is unique within a run. */
export function errorReply(failure: Failure): Reply {
  const row: Row = graphErrors[failure.failed]
  const error: Record<string, unknown> = {
    message: failure.message === undefined ? row.message : `(#${row.code}) ${failure.message}`,
    type: 'OAuthException',
    code: row.code,
  }
  if (row.subcode !== undefined) error['error_subcode'] = row.subcode
  if (row.transient) error['is_transient'] = true
  error['fbtrace_id'] = `A${(++traces).toString(36).padStart(10, '0')}`
  return { status: row.http, body: JSON.stringify({ error }), failed: failure.failed }
}

export const ok = (value: unknown): Reply => ({ status: 200, body: JSON.stringify(value) })

/** Which rows have this code, or `code/subcode` (for faults asked for by number). */
export function errorByCode(text: string): GraphErrorKey | null {
  for (const [key, row] of Object.entries(graphErrors) as [GraphErrorKey, Row][]) {
    if (String(row.subcode) === text || `${row.code}/${row.subcode}` === text) return key
  }
  for (const [key, row] of Object.entries(graphErrors) as [GraphErrorKey, Row][]) {
    if (String(row.code) === text) return key
  }
  return null
}
