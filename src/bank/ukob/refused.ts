import { OutsideError, refuse } from '../../core/refusal.ts'
import type { BankRefusal } from '../bank.ts'
import { parseExact } from '../exact-json.ts'
import { type Answer, retryAfterMs } from '../transport.ts'
import { errorItemShape, errorShape } from './shape.ts'

type UkError = { readonly code: string; readonly path: string }

/** `Errors[]` of an answer: v4.0 has four-letter codes, v3.1 `UK.OBIE.…` words. Messages are never read. */
export function errorsOf(answer: Answer): readonly UkError[] {
  try {
    const read = errorShape.safeParse(parseExact(answer.body.toString('utf8')))
    return (read.success ? (read.data.Errors ?? []) : []).flatMap((item) => {
      const error = errorItemShape.safeParse(item)
      return error.success ? [{ code: error.data.ErrorCode ?? '', path: error.data.Path ?? '' }] : []
    })
  } catch {
    return []
  }
}

/**
 * What an answer that is no 2xx means (reference §2.1). Two traps: an unknown account is 400, and 404 says that the
 * bank has no such endpoint (`not_implemented`). A 403 is either a permission or the whole consent: `ask_consent`.
 */
export function reactTo(
  answer: Answer,
  about: 'account' | 'listing',
  now: number,
): BankRefusal | 'not_implemented' | 'ask_consent' {
  const { status } = answer
  const waitMs = retryAfterMs(answer, now)
  if (status === 429) throw new OutsideError('bank_rate_limited', { retryable: true, waitMs })
  if (status === 503) throw new OutsideError('bank_maintenance', { retryable: true, waitMs })
  if (status >= 500) throw new OutsideError('bank_unavailable', { retryable: status !== 501, waitMs })
  if (status === 401) return refuse('link_broken')
  const errors = errorsOf(answer)
  const says = (...words: string[]): boolean => errors.some((error) => words.includes(error.code))
  if (says('UK.OBIE.Reauthenticate', 'UK.OBIE.Resource.InvalidConsentStatus', 'U009'))
    return refuse('link_broken')
  if (status === 403)
    return says('UK.OBIE.Resource.ConsentMismatch', 'U008') ? refuse('not_permitted') : 'ask_consent'
  if (status === 404 || status === 405) return 'not_implemented'
  if (status === 400) {
    if (says('UK.OBIE.Field.InvalidDate', 'U003') || errors.some((error) => /DateTime/i.test(error.path)))
      return refuse('bad_range')
    if (about === 'account') return refuse('account_gone')
  }
  if (status === 408 || status === 425) throw new OutsideError('bank_timeout', { retryable: true })
  throw new OutsideError('bank_refused_request', { retryable: false })
}
