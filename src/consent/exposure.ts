/**
 * The exposure lattice: how much of one fact a platform may receive, from nothing to the value. It is a chain, so the
 * meet of any number of ceilings is the lowest of them.
 *
 * - `withhold` nothing is sent
 * - `nudge`    nothing about money: "You have a message from Harbor Bank" and a link
 * - `mask`     that it exists, nothing of its value: "Your balance is ready" and a link to the sealed card
 * - `band`     a coarse statement: "above $1,000"
 * - `say`      the value
 */
export const exposures = ['withhold', 'nudge', 'mask', 'band', 'say'] as const
export type Exposure = (typeof exposures)[number]

const rank: Readonly<Record<Exposure, number>> = { withhold: 0, nudge: 1, mask: 2, band: 3, say: 4 }

export const exposureRank = (exposure: Exposure): number => rank[exposure]

/** The lower of two ceilings. */
export const meet = (a: Exposure, b: Exposure): Exposure => (rank[a] <= rank[b] ? a : b)

/** True when `exposure` lets through no more than `ceiling` does. */
export const within = (exposure: Exposure, ceiling: Exposure): boolean => rank[exposure] <= rank[ceiling]
