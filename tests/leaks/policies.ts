import { channelKinds } from '../../src/channel/channel.ts'
import { exposures, meet, type Exposure } from '../../src/consent/exposure.ts'
import { clusterNames, clusterOf, fieldNames } from '../../src/consent/field.ts'
import { purposeNames, purposeTouches } from '../../src/consent/purpose.ts'
import { isRefusal } from '../../src/core/refusal.ts'
import {
  floorOf,
  outsideClusters,
  readPolicy,
  type Ceilings,
  type Policy,
} from '../../src/disclosure/policy.ts'
import type { Mint } from './canary.ts'

/** A bank's policy as a bank might write it: valid, and otherwise anything. */
export function anyPolicy(institution: string, { random }: Mint): Policy {
  // Some banks are generous and some are not.
  const generous = random.next()
  const pick = (): Exposure =>
    random.next() < generous ? 'say' : random.pick([...exposures, 'band', 'mask'])
  const channels = (
    limit: (channel: (typeof channelKinds)[number], wanted: Exposure) => Exposure,
  ): Ceilings =>
    Object.fromEntries(
      channelKinds
        .filter((channel) => channel === 'messenger' || random.next() < 0.5)
        .map((channel) => [channel, limit(channel, pick())]),
    )
  const word = (wanted: Exposure): Exposure => (wanted === 'band' ? 'mask' : wanted)
  const outsideText = Object.fromEntries(
    outsideClusters.map((cluster) => [
      cluster,
      channels((channel, wanted) => word(meet(wanted, floorOf(cluster, channel)))),
    ]),
  ) as Policy['outsideText']
  const ruleFor = (cluster: (typeof clusterNames)[number]): Ceilings =>
    channels((channel, wanted) => {
      const limited = meet(wanted, floorOf(cluster, channel))
      return outsideClusters.includes(cluster)
        ? word(meet(limited, outsideText[cluster]?.[channel] ?? 'withhold'))
        : limited
    })
  const purposes = Object.fromEntries(
    purposeNames
      .filter(() => random.next() < 0.9)
      .map((purpose) => {
        const touched = clusterNames.filter((cluster) => purposeTouches(purpose, cluster))
        const some = <Name extends string>(
          names: readonly Name[],
          clusterFor: (name: Name) => (typeof clusterNames)[number],
          share: number,
        ) =>
          Object.fromEntries(
            names.filter(() => random.next() < share).map((name) => [name, ruleFor(clusterFor(name))]),
          )
        return [
          purpose,
          {
            ...channels((_, wanted) => wanted),
            clusters: some(touched, (cluster) => cluster, 0.25),
            fields: some(
              fieldNames.filter((field) => purposeTouches(purpose, clusterOf(field))),
              clusterOf,
              0.15,
            ),
          },
        ]
      }),
  )
  const policy = readPolicy(
    JSON.stringify({
      format: 1,
      institution,
      version: 1 + Math.floor(random.next() * 9),
      purposes,
      outsideText,
      bandsMinor: { USD: [0, 100_000, 500_000, 5_000_000, 1_000_000_000] },
      lookbackDays: 365,
      grantDays: 365,
    }),
  )
  if (isRefusal(policy))
    throw new Error(`this policy was meant to be valid: ${JSON.stringify(policy.faults)}`)
  return policy
}
