import type { InstitutionId } from '../bank/bank.ts'
import type { Answer, Choice, Line } from '../disclosure/answer.ts'
import { has } from '../conversation/thread.ts'
import { say, type Caller, type CounterDeps, type Say } from './caller.ts'

/** Words without facts: no purpose, no institution's data. */
export const words = (
  lines: readonly Line[],
  choices: readonly Choice[] = [],
  institution: InstitutionId | null = null,
): Say => say({ purpose: null, institution, because: 'asked', lines, choices } satisfies Answer)

const balance: Choice = { title: 'button.balance', payload: 'BALANCE' }
const payments: Choice = { title: 'button.payments', payload: 'TRANSACTIONS' }
const person: Choice = { title: 'button.agent', payload: 'PERSON' }
const help: Choice = { title: 'button.help', payload: 'HELP' }
const link: Choice = { title: 'button.link', payload: 'LINK' }
const permissions: Choice = { title: 'button.permissions', payload: 'PERMISSIONS' }

const usual = (caller: Caller): readonly Choice[] =>
  has(caller.thread, 'linked') ? [balance, payments, person] : [link, person, help]

/**
 * Who speaks here. To somebody who is not linked yet it offers the Log-in button at once, with the code to compare;
 * `code` null: more is said after it, and that brings its own buttons.
 */
export const hello = (caller: Caller, deps: CounterDeps, code: string | null): Say => {
  const served = deps.servedOn(caller.address.account)
  const only = served.length === 1 ? (served[0] ?? null) : null
  if (has(caller.thread, 'linked'))
    return words(
      [{ key: only === null ? 'bot.hello-linked-any-bank' : 'bot.hello-linked' }],
      usual(caller),
      only,
    )
  const said: Line = { key: only === null ? 'bot.hello-any-bank' : 'bot.hello' }
  return code === null ? words([said], [], only) : words([said, codeLine(code)], [login, person, help], only)
}

export const saysHello = (key: string | undefined): boolean => key?.startsWith('bot.hello') === true

const login: Choice = { title: 'button.link', link: 'login' }
const codeLine = (code: string): Line => ({ key: 'link.code', params: { code: { type: 'code', code } } })

/** Asked about money before any bank is linked: the way to link, there and then. */
export const notLinked = (code: string): Say =>
  words([{ key: 'refused.not-linked' }, codeLine(code)], [login, person])

/** A button whose question we no longer hold: nothing was misunderstood, it only has to be asked again. */
export const askAgain = (caller: Caller): Say => words([{ key: 'again.gone' }], usual(caller))

export const helpText = (caller: Caller): Say =>
  words(
    [{ key: has(caller.thread, 'linked') ? 'help.text' : 'help.text-unlinked' }],
    has(caller.thread, 'linked') ? [balance, payments, permissions] : [link, person],
  )

export const thanks = (): Say => words([{ key: 'bot.thanks' }])
export const goodbye = (): Say => words([{ key: 'bot.goodbye' }])

/** Two misses in a row lead to choices, then to a person: never a loop. */
export const unclear = (caller: Caller, about: 'text' | 'not-text'): Say =>
  words(
    [
      {
        key:
          about === 'not-text'
            ? 'unclear.not-text'
            : caller.thread.misses > 1
              ? 'unclear.again'
              : 'unclear.choices',
      },
    ],
    usual(caller),
  )

export const personComing = (): Say => words([{ key: 'agent.waiting' }])

/** The chat could not be passed to a person: said once, with another way. `institution`: whose page to offer. */
export const personNotReached = (institution: InstitutionId | null): Say =>
  words([{ key: 'agent.not-reached' }], [{ title: 'button.bank-page', link: 'bank' }, person], institution)

export const stopped = (already: boolean): Say =>
  words(
    [{ key: already ? 'stop.already' : 'stop.done' }],
    [
      { title: 'button.take-back', payload: 'UNLINK' },
      { title: 'button.permissions', payload: 'PERMISSIONS' },
    ],
  )
export const resumed = (): Say => words([{ key: 'start.done' }])

export const permissionsPage = (): Say =>
  words([{ key: 'link.pages' }], [{ title: 'button.permissions', link: 'permissions' }])

/** Offers the platform's own Log-in button, with the code that the page will show too. */
export const linkOffer = (code: string): Say => words([{ key: 'link.offer' }, codeLine(code)], [login])
