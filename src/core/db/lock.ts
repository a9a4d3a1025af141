import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { secondMs } from '../clock.ts'

/** Who holds a lock: a process, told apart from a later one with the same number by when it began. */
export type Holder = { readonly pid: number; readonly began: string; readonly command: string }
export type Lock = { release(): void }

/** When a process began, in clock ticks since boot (Linux); empty elsewhere, where only the number is compared. */
function beganAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name (field 2) may hold spaces and brackets: count from the last bracket. Start time is field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'zombie' : (fields[19] ?? '')
  } catch {
    return ''
  }
}

/** Does a process with this number exist? EPERM means that it does and is another user's. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return beganAt(pid) !== 'zombie'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function read(file: string): Holder | null {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Holder
    return typeof holder.pid === 'number' && holder.pid > 0 ? holder : null
  } catch {
    return null
  }
}

const alive = (holder: Holder): boolean => processExists(holder.pid) && beganAt(holder.pid) === holder.began

/** The living holder of this lock, or null. */
export function lockHolder(file: string): Holder | null {
  const holder = read(file)
  return holder !== null && alive(holder) ? holder : null
}

/**
 * Takes a lock file, or says who holds it. A lock whose process is gone is taken over; the takeover itself is guarded
 * by a folder (mkdir is atomic), so that two heirs cannot both win.
 */
export function takeLock(file: string, command: string): Lock | Holder {
  const mine: Holder = { pid: process.pid, began: beganAt(process.pid), command }
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, JSON.stringify(mine))
  const release = () => {
    const now = read(file)
    if (now?.pid === mine.pid && now.began === mine.began) rmSync(file, { force: true })
  }
  try {
    try {
      linkSync(draft, file)
      return { release }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = lockHolder(file)
    if (holder) return holder
    const guard = `${file}.takeover`
    try {
      mkdirSync(guard)
    } catch {
      // Somebody else inherits right now; a guard left by a crash is cleared for the next try.
      if (Date.now() - (statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? 0) > 5 * secondMs)
        rmSync(guard, { recursive: true, force: true })
      return read(file) ?? mine
    }
    try {
      const still = lockHolder(file)
      if (still) return still
      renameSync(draft, file)
      return { release }
    } finally {
      rmdirSync(guard)
    }
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Waits until the lock is free and takes it; the last holder seen is given back when time runs out. */
export async function waitForLock(file: string, command: string, waitMs: number): Promise<Lock | Holder> {
  const until = Date.now() + waitMs
  for (;;) {
    const got = takeLock(file, command)
    if ('release' in got || Date.now() > until) return got
    await pause(20)
  }
}
