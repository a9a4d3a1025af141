import { randomInt } from 'node:crypto'

/** Kills of the gateway over all tests of this kind. */
export const runs = Number(process.env.GUICHET_CRASH_RUNS ?? 200)

/** Printed by the test that uses it, so that a failing run can be played again as far as chance allows. */
export const newSeed = (): number => Number(process.env.GUICHET_CRASH_SEED ?? randomInt(1, 1_000_000))
