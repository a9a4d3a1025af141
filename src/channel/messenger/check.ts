import { z } from 'zod'
import { secondMs } from '../../core/clock.ts'
import { isRefusal, OutsideError } from '../../core/refusal.ts'
import type { Graph } from './graph.ts'
import { type DesiredProfile, diffProfile, profileBody, readProfile } from './profile.ts'
import { readSubscription } from './subscription.ts'
import { listTemplates } from './templates.ts'
import { backOffPercent } from './usage.ts'

/** One thing found by `guichet channel check`: how bad, what, and what to do about it (empty when all is well). */
export type Finding = {
  readonly level: 'ok' | 'warning' | 'fault'
  readonly code: string
  readonly says: string
  readonly todo: string
}

const fine = (code: string, says: string): Finding => ({ level: 'ok', code, says, todo: '' })
const warning = (code: string, says: string, todo: string): Finding => ({
  level: 'warning',
  code,
  says,
  todo,
})
const fault = (code: string, says: string, todo: string): Finding => ({ level: 'fault', code, says, todo })

/** Asks the platform about this account and says what is right and wrong. Changes nothing; never throws for outside trouble. */
export async function checkMessenger(
  graph: Graph,
  wanted: { readonly profile?: DesiredProfile; readonly templates?: readonly string[] } = {},
): Promise<Finding[]> {
  const findings = [await checkToken(graph)]
  if (findings[0]?.level === 'fault') return findings
  findings.push(checkClock(graph))
  findings.push(await attempt('subscription', () => checkSubscription(graph)))
  if (wanted.profile !== undefined) {
    const { profile } = wanted
    findings.push(await attempt('profile', () => checkProfile(graph, profile)))
  }
  if (wanted.templates !== undefined && wanted.templates.length > 0) {
    const names = wanted.templates
    findings.push(await attempt('templates', () => checkTemplates(graph, names)))
  }
  const { percent } = graph.usage()
  findings.push(
    percent < backOffPercent
      ? fine('limits', `${Math.round(percent)} % of the platform's call limit is used.`)
      : warning(
          'limits',
          `${Math.round(percent)} % of the platform's call limit is used; sends are being slowed.`,
          'Look for another tool that calls with the same app, or wait.',
        ),
  )
  return findings
}

async function checkToken(graph: Graph): Promise<Finding> {
  try {
    const { id } = await graph.call(
      { method: 'GET', path: 'me', query: { fields: 'id' } },
      z.looseObject({ id: z.string() }),
    )
    return id === graph.settings.account
      ? fine('token', 'The token is valid and is for this account.')
      : fault(
          'token',
          'The token is valid, but for another account.',
          'Give the channel the Page token of the account it names.',
        )
  } catch (error) {
    return outsideFinding('token', error)
  }
}

function outsideFinding(what: string, error: unknown): Finding {
  if (!(error instanceof OutsideError)) throw error
  switch (error.code) {
    case 'not_connected':
      return fault(
        what,
        'The platform could not be reached.',
        'Check the graph url, the name service, the proxy and the firewall.',
      )
    case 'no_answer':
    case 'answer_broken':
      return fault(what, 'The platform did not give a usable answer.', 'Try again; see its status page.')
    case 'graph_190':
      return fault(
        what,
        'The token is invalid or expired.',
        'Make a new Page token and store it as the secret of this channel.',
      )
    case 'graph_100':
      return fault(
        what,
        'The platform refuses the call (wrong app secret for this token, or an api version that has ended).',
        'Check that token and app secret are of the same app, and the api version.',
      )
    default:
      return fault(
        what,
        `The platform answered ${error.code}.`,
        'Look it up in its error list and in App Review.',
      )
  }
}

async function attempt(what: string, check: () => Promise<Finding>): Promise<Finding> {
  try {
    return await check()
  } catch (error) {
    return outsideFinding(what, error)
  }
}

function checkClock(graph: Graph): Finding {
  const skewMs = graph.skewMs()
  if (skewMs === null)
    return warning('clock', 'The platform did not say what time it is.', 'Compare the clock yourself.')
  const seconds = Math.round(Math.abs(skewMs) / secondMs)
  const says = `This machine's clock is ${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} the platform's.`
  if (seconds <= 5) return fine('clock', says)
  const todo = 'Set up time synchronisation (NTP): windows, links and signed requests depend on it.'
  return seconds > 60 ? fault('clock', says, todo) : warning('clock', says, todo)
}

async function checkSubscription(graph: Graph): Promise<Finding> {
  const { subscribed, missing, surplus } = await readSubscription(graph)
  if (!subscribed) {
    return fault(
      'subscription',
      'The app is not subscribed to this Page: no message arrives.',
      'Run the gateway (it subscribes by itself) or subscribe in the app dashboard; see why deliveries failed.',
    )
  }
  if (missing.length > 0)
    return fault(
      'subscription',
      `Not subscribed: ${missing.join(', ')}.`,
      'The gateway subscribes again within minutes; check the permissions pages_messaging and pages_manage_metadata.',
    )
  if (surplus.includes('response_feedback')) {
    return warning(
      'subscription',
      'Subscribed to response_feedback: thumbs appear under every message.',
      'Remove that field in the app dashboard.',
    )
  }
  return fine('subscription', 'All fields are subscribed.')
}

async function checkProfile(graph: Graph, desired: DesiredProfile): Promise<Finding> {
  const body = profileBody(desired, graph.settings.httpsOnly)
  if (isRefusal(body)) {
    return fault(
      'profile',
      `The profile in the settings is not valid: ${body.detail ?? ''}.`,
      'Correct the settings.',
    )
  }
  const { set, remove } = diffProfile(await readProfile(graph), body)
  const changes = [...Object.keys(set), ...remove]
  return changes.length === 0
    ? fine('profile', 'Greeting, menu and the rest are as the settings say.')
    : warning(
        'profile',
        `Differs from the settings: ${changes.join(', ')}.`,
        'Start the gateway or apply the profile.',
      )
}

async function checkTemplates(graph: Graph, names: readonly string[]): Promise<Finding> {
  const templates = await listTemplates(graph)
  const unusable = names.filter(
    (name) => !templates.some((one) => one.name === name && one.status === 'APPROVED'),
  )
  return unusable.length === 0
    ? fine('templates', 'All templates are approved.')
    : warning(
        'templates',
        `Not approved: ${unusable.join(', ')}. Outside the 24-hour window these alerts cannot be sent here.`,
        'Create them, or read the reason of the refusal in the template list.',
      )
}
