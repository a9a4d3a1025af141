import type { Clock } from '../core/clock.ts'
import type { Refusal } from '../core/refusal.ts'
import { isRefusal, refuse } from '../core/refusal.ts'
import type { BankTokens, TokenHolder } from './bank.ts'

/** Asks the bank for new tokens. `link_broken`: the bank will not give any for this grant again. */
export type Refresh = (tokens: BankTokens) => Promise<BankTokens | Refusal<'link_broken'>>

export type Tokens = {
  /**
   * Tokens good for a request now. `rejected` is an access token that the bank has just refused: it is replaced
   * unless somebody has already done so.
   */
  readonly fresh: (holder: TokenHolder, rejected?: string) => Promise<BankTokens | Refusal<'link_broken'>>
}

/**
 * Refreshes `aheadMs` before expiry, once for any number of askers: those who share a holder share the refresh, and so
 * do two holders of the same refresh token. What the bank gives is saved before anyone uses it, so that after a crash
 * a rotated refresh token is not lost (FAPI 2.0 banks should not rotate; clients must cope, §5.3.3.3).
 */
export function openTokens(
  refresh: Refresh,
  options: { readonly now: Clock; readonly aheadMs?: number },
): Tokens {
  const aheadMs = options.aheadMs ?? 45_000
  const underWay = new Map<string, Promise<BankTokens | Refusal<'link_broken'>>>()

  const renew = async (
    holder: TokenHolder,
    used: BankTokens,
    rejected: string | undefined,
  ): Promise<BankTokens | Refusal<'link_broken'>> => {
    const answer = await refresh(used).catch((error: unknown) => {
      // The old token still works for a while: the bank's trouble is not yet the customer's.
      if (used.expiresAt - 5_000 > options.now() && used.accessToken !== rejected) return used
      throw error
    })
    if (answer === used) return used
    if (!isRefusal(answer)) {
      await holder.save(answer)
      return answer
    }
    // Another process may have renewed with a rotating refresh token: then ours was old, not the link broken.
    const current = holder.current()
    return current.refreshToken !== used.refreshToken && options.now() < current.expiresAt ? current : answer
  }

  return {
    fresh: async (holder, rejected) => {
      const tokens = holder.current()
      const usable = tokens.expiresAt - aheadMs > options.now()
      if (usable && tokens.accessToken !== rejected) return tokens
      if (tokens.refreshToken === null)
        return tokens.accessToken !== rejected && tokens.expiresAt > options.now()
          ? tokens
          : refuse('link_broken')
      const name = tokens.refreshToken
      const shared = underWay.get(name)
      if (shared) {
        const answer = await shared
        // A second holder of the same tokens keeps its own record up to date.
        if (!isRefusal(answer) && holder.current().accessToken !== answer.accessToken)
          await holder.save(answer)
        return answer
      }
      const renewal = renew(holder, tokens, rejected).finally(() => underWay.delete(name))
      underWay.set(name, renewal)
      return renewal
    },
  }
}

/** Our own token at a bank (client credentials, no customer): kept until it nears its end, asked for once at a time. */
export function openOwnTokens(grant: () => Promise<BankTokens>, options: { readonly now: Clock }): Tokens {
  let kept: BankTokens | null = null
  let asking: Promise<BankTokens> | null = null
  return {
    fresh: async (_holder, rejected) => {
      if (kept && kept.accessToken !== rejected && kept.expiresAt - 30_000 > options.now()) return kept
      asking ??= grant()
        .then((tokens) => {
          kept = tokens
          return tokens
        })
        .finally(() => {
          asking = null
        })
      return asking
    },
  }
}
