import { z } from 'zod'
import type { Cluster } from '../consent.ts'
import { isCluster } from '../consent.ts'

export const rarType = 'fdx_v1.0'
export const intentClaim = 'openbanking_intent_id'

/** FDX consent request as it travels in `authorization_details` (RFC 9396), type `fdx_v1.0`. */
const consentRequest = z
  .strictObject({
    durationType: z.enum(['ONE_TIME', 'TIME_BOUND', 'PERSISTENT']),
    durationPeriod: z.number().int().min(1).max(365).optional(),
    lookbackPeriod: z.number().int().min(0).max(3_650).optional(),
    resources: z
      .array(
        z.strictObject({
          resourceType: z.enum(['ACCOUNT', 'CUSTOMER']),
          dataClusters: z.array(z.string()).min(1).max(30),
        }),
      )
      .min(1)
      .max(10),
  })
  .refine(
    (request) => request.durationType !== 'TIME_BOUND' || request.durationPeriod !== undefined,
    'durationPeriod is needed with TIME_BOUND',
  )
const detailShape = z.strictObject({ type: z.literal(rarType), consentRequest })

export type FdxRequest = {
  readonly durationType: 'ONE_TIME' | 'TIME_BOUND' | 'PERSISTENT'
  readonly durationPeriod: number
  readonly lookbackPeriod: number
  readonly accountClusters: readonly Cluster[]
  readonly customerClusters: readonly Cluster[]
}

/** Reads one authorization detail; a text says what is wrong with it. */
export function readDetail(detail: unknown): FdxRequest | string {
  const parsed = detailShape.safeParse(detail)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return `${issue?.path.join('.') || 'authorization_details'}: ${issue?.message ?? 'invalid'}`
  }
  const request = parsed.data.consentRequest
  const clusters = (type: 'ACCOUNT' | 'CUSTOMER'): string[] => [
    ...new Set(request.resources.flatMap((one) => (one.resourceType === type ? one.dataClusters : []))),
  ]
  const [accountClusters, customerClusters] = [clusters('ACCOUNT'), clusters('CUSTOMER')]
  const unknown = [...accountClusters, ...customerClusters].find((name) => !isCluster(name))
  if (unknown !== undefined) return 'dataClusters holds a cluster that this bank does not share'
  if (accountClusters.length === 0) return 'resources must name an ACCOUNT'
  return {
    durationType: request.durationType,
    durationPeriod: request.durationType === 'ONE_TIME' ? 1 : (request.durationPeriod ?? 365),
    lookbackPeriod: request.lookbackPeriod ?? 730,
    accountClusters: accountClusters.filter(isCluster),
    customerClusters: customerClusters.filter(isCluster),
  }
}

/** The granted detail: the request, narrowed to the accounts that were chosen (RFC 9396 section 7.1). */
export function grantedDetail(
  request: FdxRequest,
  consentId: string,
  accountIds: readonly string[],
  subject: string,
): { type: string; [field: string]: unknown } {
  return {
    type: rarType,
    consentId,
    consentRequest: {
      durationType: request.durationType,
      ...(request.durationType === 'TIME_BOUND' ? { durationPeriod: request.durationPeriod } : {}),
      lookbackPeriod: request.lookbackPeriod,
      resources: [
        ...accountIds.map((resourceId) => ({
          resourceType: 'ACCOUNT',
          resourceId,
          dataClusters: [...request.accountClusters],
        })),
        ...(request.customerClusters.length > 0
          ? [{ resourceType: 'CUSTOMER', resourceId: subject, dataClusters: [...request.customerClusters] }]
          : []),
      ],
    },
  }
}

const intentMember = z.object({ value: z.string().min(1).max(128) })
const claimsShape = z.object({
  id_token: z.looseObject({ [intentClaim]: intentMember.optional() }).optional(),
  userinfo: z.looseObject({ [intentClaim]: intentMember.optional() }).optional(),
})

/** The ConsentId that a UK request asks to have authorised, from its `claims` parameter. */
export function intentOf(claims: unknown): string | null {
  let value = claims
  if (typeof claims === 'string') {
    try {
      value = JSON.parse(claims)
    } catch {
      return null
    }
  }
  const parsed = claimsShape.safeParse(value)
  if (!parsed.success) return null
  return parsed.data.id_token?.[intentClaim]?.value ?? parsed.data.userinfo?.[intentClaim]?.value ?? null
}

/** The short code that the customer's chat shows: letters, digits and a hyphen, at most 12. */
export const chatCodePattern = /^[A-Z0-9](?:[A-Z0-9-]{2,10})[A-Z0-9]$/
