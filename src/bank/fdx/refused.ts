import { OutsideError, refuse } from '../../core/refusal.ts'
import type { BankRefusal } from '../bank.ts'
import { parseExact } from '../exact-json.ts'
import { type Answer, retryAfterMs } from '../transport.ts'
import { errorShape } from './shape.ts'

/** FDX error `code`: a string in 5.x, an integer in published examples. `message` and `debugMessage` are never read. */
export function fdxCode(answer: Answer): string | null {
  try {
    const read = errorShape.safeParse(parseExact(answer.body.toString('utf8')))
    return read.success ? read.data.code : null
  } catch {
    return null
  }
}

/** What an answer that is no 2xx means (FDX §1.8): our refusal, `none` (1107: nothing fits the filter), or thrown trouble. */
export function reactTo(answer: Answer, about: 'account' | 'listing', now: number): BankRefusal | 'none' {
  const code = fdxCode(answer)
  const { status } = answer
  if (status === 429 || code === '1207')
    throw new OutsideError('bank_rate_limited', { retryable: true, waitMs: retryAfterMs(answer, now) })
  switch (code) {
    case '601':
    case '602':
    case '603':
      return refuse('link_broken')
    case '701':
    case '705':
      return refuse('account_gone')
    case '704':
    case '706':
    case '1205':
      return refuse('not_permitted')
    case '702':
    case '703':
      return refuse('bad_range')
    case '1107':
      return 'none'
    case '1106':
      throw new OutsideError('bank_version_unsupported', { retryable: false })
  }
  if (status === 503 || code === '503')
    throw new OutsideError('bank_maintenance', { retryable: true, waitMs: retryAfterMs(answer, now) })
  if (status === 501) throw new OutsideError('bank_version_unsupported', { retryable: false })
  if (status >= 500)
    throw new OutsideError('bank_unavailable', { retryable: true, waitMs: retryAfterMs(answer, now) })
  if (status === 401) return refuse('link_broken')
  if (status === 403) return refuse('not_permitted')
  if (status === 404 || status === 410) {
    if (about === 'account') return refuse('account_gone')
    throw new OutsideError('bank_address_wrong', { retryable: false })
  }
  if (status === 408 || status === 425) throw new OutsideError('bank_timeout', { retryable: true })
  throw new OutsideError('bank_refused_request', { retryable: false })
}
