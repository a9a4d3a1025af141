import { dayMs } from '../../core/clock.ts'
import { isRefusal, OutsideError } from '../../core/refusal.ts'
import type { TokenHolder } from '../bank.ts'
import { parseExact } from '../exact-json.ts'
import type { Resource } from '../resource.ts'
import type { Answer } from '../transport.ts'
import { reactTo } from './refused.ts'
import { consentShape } from './shape.ts'

/**
 * The least that answers questions on money. Detail, because Basic leaves out the account's last digits and the
 * payment's text; both Credits and Debits, without which a bank must reject transactions. Never ReadPAN.
 */
const permissions = [
  'ReadAccountsDetail',
  'ReadBalances',
  'ReadTransactionsDetail',
  'ReadTransactionsCredits',
  'ReadTransactionsDebits',
]

export type ConsentState = {
  readonly state: 'awaiting' | 'live' | 'dead' | 'unknown'
  readonly expiresAt: number | null
}

const stateByWord: Readonly<Record<string, ConsentState['state']>> = {
  AWAU: 'awaiting',
  AwaitingAuthorisation: 'awaiting',
  AUTH: 'live',
  Authorised: 'live',
  RJCT: 'dead',
  Rejected: 'dead',
  CANC: 'dead',
  Revoked: 'dead',
  EXPD: 'dead',
}

/** Consents are resources of ours at the bank: made, read and deleted with our own token (client credentials). */
export type Consents = {
  /** Returns the bank's ConsentId, to be authorised by the customer. */
  create(days: number, lookbackDays: number, now: number): Promise<string>
  read(consentId: string, now: number): Promise<ConsentState>
  /** Deletes; one that is gone already is fine. */
  remove(consentId: string, now: number): Promise<void>
}

export function openConsents(own: Resource, holder: TokenHolder): Consents {
  const path = (consentId: string): string => `/account-access-consents/${encodeURIComponent(consentId)}`
  const ask = async (request: Parameters<Resource['ask']>[1]): Promise<Answer> => {
    const answer = await own.ask(holder, request)
    // Our own token was refused twice: the bank does not accept us, whoever the customer is.
    if (isRefusal(answer)) throw new OutsideError('bank_client_refused', { retryable: false })
    return answer
  }
  const parse = (answer: Answer) => {
    const read = consentShape.safeParse(parseExact(answer.body.toString('utf8')))
    return read.success ? read.data.Data : null
  }
  return {
    create: async (days, lookbackDays, now) => {
      const answer = await ask({
        method: 'POST',
        path: '/account-access-consents',
        json: {
          Data: {
            Permissions: permissions,
            ExpirationDateTime: new Date(now + days * dayMs).toISOString(),
            TransactionFromDateTime: new Date(now - lookbackDays * dayMs).toISOString(),
          },
          Risk: {},
        },
      })
      if (answer.status >= 300) {
        reactTo(answer, 'listing', now)
        throw new OutsideError('bank_consent_refused', { retryable: false })
      }
      const consentId = parse(answer)?.ConsentId
      if (!consentId) throw new OutsideError('bank_answer_invalid', { retryable: true })
      return consentId
    },
    read: async (consentId, now) => {
      const answer = await ask({ path: path(consentId) })
      if (answer.status === 400 || answer.status === 403) return { state: 'dead', expiresAt: null }
      if (answer.status >= 300) {
        reactTo(answer, 'listing', now)
        return { state: 'unknown', expiresAt: null }
      }
      const consent = parse(answer)
      const word = consent?.Status ?? ''
      return {
        state: Object.hasOwn(stateByWord, word) ? (stateByWord[word] ?? 'unknown') : 'unknown',
        expiresAt: consent?.ExpirationDateTime ?? null,
      }
    },
    remove: async (consentId, now) => {
      const answer = await ask({ method: 'DELETE', path: path(consentId) })
      if (answer.status < 300 || [400, 404, 410].includes(answer.status)) return
      reactTo(answer, 'listing', now)
      throw new OutsideError('bank_revocation_refused', { retryable: false })
    },
  }
}
