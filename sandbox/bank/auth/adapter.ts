import type { AdapterPayload, AdapterFactory } from 'oidc-provider'
import type { Journal } from '../journal.ts'

/** What must outlive a restart; everything else (codes, sessions, half-finished logins) lives in memory only. */
const durable = new Set(['Grant', 'RefreshToken'])
const maxKept = 50_000

type Kept = { payload: AdapterPayload; expiresAt: number }

/** The authorization server's store: one map, with the durable kinds written to the bank's journal. */
export function openAdapter(journal: Journal): {
  factory: AdapterFactory
  /** Ends every token and code of a grant, and the grant. */
  endGrant(grantId: string): Promise<void>
  forget(): void
} {
  const kept = new Map<string, Kept>()
  const byGrant = new Map<string, Set<string>>()
  const keyOf = (kind: string, id: string) => `oidc:${kind}:${id}`

  function remember(key: string, one: Kept): void {
    kept.set(key, one)
    const { grantId } = one.payload
    if (grantId === undefined) return
    const members = byGrant.get(grantId) ?? new Set()
    members.add(key)
    byGrant.set(grantId, members)
  }
  for (const [key, value] of journal.all('oidc:')) remember(key, value as Kept)

  function sweep(): void {
    const now = Date.now()
    for (const [key, { expiresAt }] of kept) if (expiresAt < now) void drop(key)
    for (const key of kept.keys()) {
      if (kept.size <= maxKept) break
      if (!durable.has(key.split(':')[1]!)) void drop(key)
    }
  }

  function drop(key: string): Promise<void> {
    const one = kept.get(key)
    if (!one) return Promise.resolve()
    kept.delete(key)
    const { grantId } = one.payload
    if (grantId !== undefined) {
      const members = byGrant.get(grantId)
      members?.delete(key)
      if (members?.size === 0) byGrant.delete(grantId)
    }
    return journal.delete(key)
  }

  async function endMembers(grantId: string): Promise<void> {
    await Promise.all([...(byGrant.get(grantId) ?? [])].map((key) => drop(key)))
  }

  let writes = 0
  const factory: AdapterFactory = (kind) => {
    const find = (id: string): Promise<AdapterPayload | undefined> => {
      const one = kept.get(keyOf(kind, id))
      return Promise.resolve(one && one.expiresAt > Date.now() ? one.payload : undefined)
    }
    return {
      async upsert(id, payload, expiresIn) {
        if (++writes % 1_000 === 0) sweep()
        const key = keyOf(kind, id)
        const one = {
          payload,
          expiresAt: expiresIn ? Date.now() + (expiresIn + 15) * 1_000 : Number.MAX_SAFE_INTEGER,
        }
        remember(key, one)
        // Durable before the answer leaves: a refresh token that a client holds is never lost.
        if (durable.has(kind)) await journal.set(key, one)
      },
      find,
      // Looked up by nobody in these flows except the session by its uid.
      findByUid: (uid) =>
        Promise.resolve(
          [...kept].find(([key, one]) => key.startsWith(`oidc:${kind}:`) && one.payload.uid === uid)?.[1]
            .payload,
        ),
      findByUserCode: () => Promise.resolve(undefined),
      async consume(id) {
        const one = kept.get(keyOf(kind, id))
        if (one) one.payload.consumed = Math.floor(Date.now() / 1_000)
      },
      async destroy(id) {
        await drop(keyOf(kind, id))
      },
      revokeByGrantId: endMembers,
    }
  }

  return {
    factory,
    async endGrant(grantId) {
      await endMembers(grantId)
      await drop(keyOf('Grant', grantId))
    },
    forget() {
      kept.clear()
      byGrant.clear()
    },
  }
}
