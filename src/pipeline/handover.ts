import type { Clock } from '../core/clock.ts'
import { count, errorCode, type Logger } from '../core/logger.ts'
import { OutsideError } from '../core/refusal.ts'
import { has, setFlag, setHanded, type Thread } from '../conversation/thread.ts'
import type { ContactRef } from '../customer/contact.ts'
import type { Contact } from './contacts.ts'

export type HandOverDeps = {
  /**
   * Passes the thread to the bank's people; resolves to the app that has it then, or null when nobody of theirs is on
   * this account. Throws OutsideError when the thread is not known to have moved.
   */
  readonly pass: (contact: Contact) => Promise<string | null>
  /** The app of the bank's people on a channel account. */
  readonly peopleOf: (account: string) => string | null
  /** The contact, from memory or the database; null when there is none any more. */
  readonly open: (ref: ContactRef) => Promise<Contact | null>
  /** Changes a thread and has it written. */
  readonly changeThread: ChangeThread
  /** Tells the customer that it could not be done. */
  readonly sorry: (contact: Contact) => Promise<void>
  readonly clock: Clock
  readonly log: Logger
  /** How long to wait before each further try. */
  readonly waitsMs?: readonly number[]
  /** Most hand-overs under way; beyond it none is begun, and the customer is told. */
  readonly most?: number
}

/**
 * Changes a thread outside of its turns while `due` says that it must be: in memory at once; resolves when it is written,
 * which may take long while nothing new is taken up.
 */
export type ChangeThread = (
  contact: Contact,
  due: (thread: Thread) => boolean,
  change: (thread: Thread) => void,
) => Promise<void>

export type HandOvers = {
  /**
   * A person was asked for and our last sentence is out: the thread is given away, now or as soon as the platform lets
   * us. `since` (epoch ms): a start that looks no further back than this finds the contact again.
   */
  begin(contact: Contact, since: number): void
  /** The oldest `since` under way; null when there is none. */
  readonly oldest: number | null
  /** No more tries; resolves when the calls under way have ended. What is left is taken up by the next start. */
  stop(): Promise<void>
}

/** Six tries in under five minutes: somebody waits. */
const usualWaitsMs: readonly number[] = [1_000, 5_000, 20_000, 60_000, 180_000]
/** The platform may ask for a longer wait, but not for any. */
const longestWaitMs = 300_000

type Try = { readonly since: number; tries: number; timer: NodeJS.Timeout | null }

const stopCalling = (thread: Thread): void => setFlag(thread, 'calling', false)
const isCalling = (thread: Thread): boolean => has(thread, 'calling')
/** Still ours to give: asked for, and neither taken meanwhile nor left by the person. */
const isDue = (thread: Thread): boolean =>
  isCalling(thread) && !has(thread, 'standby') && !has(thread, 'closed')

/** Gives threads to the bank's people, and keeps trying for a while; then the customer is told, once. */
export function openHandOvers(deps: HandOverDeps): HandOvers {
  const { clock, log, waitsMs = usualWaitsMs, most = 10_000 } = deps
  const underWay = new Map<string, Try>()
  const calls = new Set<Promise<void>>()
  let stopped = false

  function run(ref: ContactRef, state: Try): void {
    const call: Promise<void> = attempt(ref, state)
      .catch((error: unknown) => {
        log.warn('handover.failed', { code: errorCode(error) })
        return waitsMs[state.tries++] ?? ('over' as const)
      })
      .then((outcome) => {
        calls.delete(call)
        if (outcome === 'over') underWay.delete(ref.contactId)
        else if (!stopped) later(ref, state, outcome)
      })
    calls.add(call)
  }

  function later(ref: ContactRef, state: Try, waitMs: number): void {
    state.timer = setTimeout(() => run(ref, state), waitMs)
    state.timer.unref()
  }

  /** One try. Gives how long to wait for the next, in ms. */
  async function attempt(ref: ContactRef, state: Try): Promise<number | 'over'> {
    const contact = await deps.open(ref)
    if (!contact) return 'over'
    if (!isDue(contact.thread)) {
      await deps.changeThread(contact, isCalling, stopCalling)
      return 'over'
    }
    const at = clock()
    // Before the call: the platform's word that the thread was passed may come before the call's answer does.
    setHanded(contact.thread, at)
    let owner: string | null
    try {
      owner = await deps.pass(contact)
    } catch (error) {
      setHanded(contact.thread, null)
      if (!(error instanceof OutsideError)) throw error
      log.warn('handover.failed', { code: errorCode(error), tries: count(state.tries) })
      const waitMs = waitsMs[state.tries++]
      if (error.retryable && waitMs !== undefined)
        return Math.min(Math.max(waitMs, error.waitMs ?? 0), longestWaitMs)
      // Whoever stops the process did not refuse: the next start tries again.
      if (!stopped) await giveUp(contact)
      return 'over'
    }
    if (owner === null) {
      setHanded(contact.thread, null)
      await giveUp(contact)
      return 'over'
    }
    const toPeople = owner === deps.peopleOf(contact.address.account)
    if (!toPeople) log.warn('handover.taken_by_another')
    await deps.changeThread(contact, isCalling, (thread) => {
      stopCalling(thread)
      setFlag(thread, 'standby', true)
      setHanded(thread, toPeople ? at : null)
      // Somebody has the thread whom nobody called.
      if (!toPeople && has(thread, 'linked')) setFlag(thread, 'frozen', true)
    })
    return 'over'
  }

  async function giveUp(contact: Contact): Promise<void> {
    log.warn('handover.given_up')
    await deps.changeThread(contact, isCalling, stopCalling)
    await deps.sorry(contact)
  }

  return {
    begin(contact, since) {
      const { contactId } = contact.ref
      if (stopped || underWay.has(contactId)) return
      const state: Try = { since, tries: 0, timer: null }
      if (underWay.size < most) {
        underWay.set(contactId, state)
        run(contact.ref, state)
        return
      }
      const call: Promise<void> = giveUp(contact)
        .catch((error: unknown) => log.warn('handover.failed', { code: errorCode(error) }))
        .finally(() => calls.delete(call))
      calls.add(call)
    },
    get oldest() {
      let oldest: number | null = null
      for (const { since } of underWay.values()) oldest = Math.min(oldest ?? since, since)
      return oldest
    },
    async stop() {
      stopped = true
      for (const { timer } of underWay.values()) if (timer) clearTimeout(timer)
      await Promise.all(calls)
    },
  }
}
