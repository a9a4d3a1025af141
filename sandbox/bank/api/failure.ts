import type { Institution } from '../institution.ts'

/**
 * Everything that can go wrong at the API, in both dialects: the HTTP status, the FDX code with the sentence a
 * customer may see, and the UK Open Banking code (v4 code set: `U0nn`). One table, so a case cannot be missing.
 */
export const failures = {
  bad_request: { status: 400, fdx: 401, uk: 'U002', message: 'Invalid input' },
  missing_field: { status: 400, fdx: 401, uk: 'U004', message: 'Invalid input' },
  bad_header: { status: 400, fdx: 401, uk: 'U006', message: 'Invalid input' },
  missing_header: { status: 400, fdx: 401, uk: 'U007', message: 'Invalid input' },
  bad_dates: {
    status: 400,
    fdx: 703,
    uk: 'U003',
    message: 'Start or end date value is not in the valid range',
  },
  unauthenticated: { status: 401, fdx: 603, uk: 'U028', message: 'Authentication failed' },
  consent_ended: { status: 401, ukStatus: 403, fdx: 603, uk: 'U009', message: 'This connection has ended' },
  not_permitted: { status: 403, fdx: 1205, uk: 'U008', message: 'Not authorized for this data' },
  account_not_found: { status: 404, ukStatus: 400, fdx: 701, uk: 'U011', message: 'Account not found' },
  consent_not_found: { status: 404, ukStatus: 400, fdx: 601, uk: 'U011', message: 'Consent not found' },
  consent_over: {
    status: 409,
    ukStatus: 400,
    fdx: 401,
    uk: 'U009',
    message: 'This consent has already ended',
  },
  statement_not_found: { status: 404, ukStatus: 400, fdx: 1108, uk: 'U011', message: 'Statement not found' },
  nothing_found: { status: 404, fdx: 1107, uk: 'U011', message: 'No data found' },
  no_such_endpoint: { status: 404, fdx: 1106, uk: 'U000', message: 'This is not served here' },
  wrong_method: { status: 405, fdx: 1206, uk: 'U000', message: 'Method not allowed' },
  too_many: { status: 429, fdx: 1207, uk: 'U000', message: 'Too many requests' },
  internal: { status: 500, fdx: 500, uk: 'U000', message: 'Internal server error' },
  maintenance: { status: 503, fdx: 503, uk: 'U000', message: 'Scheduled maintenance' },
} as const satisfies Record<
  string,
  { status: number; ukStatus?: number; fdx: number; uk: string; message: string }
>
export type Failure = keyof typeof failures

/** HTTP status and body of a failure in this bank's dialect. `debug` never repeats what was sent. */
export function failureBody(
  institution: Institution,
  failure: Failure,
  debug: string | undefined,
  interactionId: string,
): { readonly status: number; readonly json: unknown } {
  const row: { status: number; ukStatus?: number; fdx: number; uk: string; message: string } =
    failures[failure]
  if (institution.standard === 'ukob')
    return {
      status: row.ukStatus ?? row.status,
      json: { Id: interactionId, Errors: [{ ErrorCode: row.uk, Message: debug ?? row.message }] },
    }
  const code = institution.habits.errorCodes === 'string' ? String(row.fdx) : row.fdx
  return {
    status: row.status,
    json: { code, message: row.message, ...(debug === undefined ? {} : { debugMessage: debug }) },
  }
}
