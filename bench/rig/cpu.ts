import { readdirSync, readFileSync } from 'node:fs'

/** CPU time of processes from /proc, in seconds; null where there is no /proc. Clock ticks are 10 ms on every Linux. */
const tick = 100

type Stat = { readonly parent: number; readonly own: number; readonly ended: number }

function statOf(pid: number | string): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name may hold anything, also spaces and brackets: count from its last bracket.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const at = (index: number) => Number(fields[index])
    return { parent: at(1), own: (at(11) + at(12)) / tick, ended: (at(13) + at(14)) / tick }
  } catch {
    return null
  }
}

/** User and system time of one process, all its threads. */
export const cpuOf = (pid: number): number | null => statOf(pid)?.own ?? null

/** The same of a process with its children, living and ended: of PostgreSQL by its postmaster. */
export function cpuOfTree(pid: number): number | null {
  const parent = statOf(pid)
  if (parent === null) return null
  let total = parent.own + parent.ended
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = statOf(name)
    if (stat?.parent === pid) total += stat.own + stat.ended
  }
  return total
}

export const parentOf = (pid: number): number | null => statOf(pid)?.parent ?? null

/** How much of the machine others (and we) leave idle: 0 … 1 between two calls. */
export function idleSince(before: readonly [number, number] | null): {
  now: readonly [number, number]
  idle: number
} {
  try {
    const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]?.split(/\s+/).slice(1).map(Number) ?? []
    const total = fields.slice(0, 8).reduce((sum, value) => sum + value, 0)
    const idle = (fields[3] ?? 0) + (fields[4] ?? 0)
    const now = [idle, total] as const
    return { now, idle: before === null ? Number.NaN : (idle - before[0]) / Math.max(1, total - before[1]) }
  } catch {
    return { now: [0, 0], idle: Number.NaN }
  }
}
