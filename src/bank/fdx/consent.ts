import { z } from 'zod'
import { dayMs } from '../../core/clock.ts'
import { wireId, wireInstant, wireList, wireObject, wireRaw, wireWord } from '../wire.ts'

/** What is asked at the bank (RFC 9396 type `fdx_v1.0`, FDX consent module): the least that answers questions on money. */
export const requestedDetails = (days: number, lookbackDays: number) => [
  {
    type: 'fdx_v1.0',
    consentRequest: {
      durationType: 'TIME_BOUND',
      durationPeriod: Math.trunc(days),
      lookbackPeriod: Math.trunc(lookbackDays),
      resources: [{ resourceType: 'ACCOUNT', dataClusters: ['ACCOUNT_BASIC', 'BALANCES', 'TRANSACTIONS'] }],
    },
  },
]

const resourceShape = z.object({ resourceType: wireWord, resourceId: wireId, resourceIds: wireList(200) })
const grantFields = {
  type: wireWord,
  expirationTime: wireInstant,
  durationType: wireWord,
  durationPeriod: wireRaw,
  resources: wireList(500),
}
const grantShape = z.object({
  ...grantFields,
  consentRequest: wireObject(grantFields),
  consentGrant: wireObject(grantFields),
})

/** A grant is sent bare (GET /consents/{id}), in a list (authorization_details), or below `consentRequest`. */
function grantsIn(sent: unknown): z.infer<typeof grantShape>[] {
  const items = Array.isArray(sent) ? sent.slice(0, 20) : [sent]
  return items.flatMap((item) => {
    const read = grantShape.safeParse(item)
    return read.success ? [read.data] : []
  })
}

/** The accounts the customer chose; null when the bank's grant names none (it did not narrow). */
export function grantedAccounts(sent: unknown): readonly string[] | null {
  const ids = new Set<string>()
  for (const grant of grantsIn(sent)) {
    const resources = [grant.resources, grant.consentRequest?.resources, grant.consentGrant?.resources]
    for (const item of resources.flatMap((list) => list ?? [])) {
      const read = resourceShape.safeParse(item)
      if (!read.success || (read.data.resourceType !== null && read.data.resourceType !== 'ACCOUNT')) continue
      for (const id of [
        read.data.resourceId,
        ...(read.data.resourceIds ?? []).map((one) => wireId.parse(one)),
      ])
        if (id !== null) ids.add(id)
    }
  }
  return ids.size === 0 ? null : [...ids]
}

/** When the bank's consent ends: its own word, else the granted number of days from the grant (FDX §1.9). */
export function grantedUntil(sent: unknown, grantedAt: number): number | null {
  for (const grant of grantsIn(sent)) {
    for (const part of [grant, grant.consentGrant, grant.consentRequest]) {
      if (!part) continue
      if (part.expirationTime !== null) return part.expirationTime
      const days = Number(part.durationPeriod ?? Number.NaN)
      if (part.durationType === 'TIME_BOUND' && Number.isInteger(days) && days > 0)
        return grantedAt + days * dayMs
    }
  }
  return null
}
