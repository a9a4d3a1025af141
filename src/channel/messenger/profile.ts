import { z } from 'zod'
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts'
import type { Graph } from './graph.ts'
import { bag, canonical } from './read.ts'
import { isAllowedUrl } from './url.ts'
import type { Profile } from './wire.ts'

/** What people see of the Page before and around the chat (§8), as we want it. Texts are per locale; `default` is required. */
export type DesiredProfile = {
  readonly greeting?: Readonly<Record<string, string>>
  readonly getStarted?: string
  readonly menu?: Readonly<Record<string, readonly MenuItem[]>>
  readonly iceBreakers?: Readonly<
    Record<string, readonly { readonly question: string; readonly payload: string }[]>
  >
  readonly whitelistedDomains?: readonly string[]
  readonly accountLinkingUrl?: string
}
export type MenuItem =
  | { readonly kind: 'choice'; readonly title: string; readonly payload: string }
  | { readonly kind: 'url'; readonly title: string; readonly url: string }

export type ProfileRefusal = Refusal<'bad_profile'>

const members = [
  'greeting',
  'get_started',
  'persistent_menu',
  'ice_breakers',
  'whitelisted_domains',
  'account_linking_url',
] as const
type Member = (typeof members)[number]

const bad = (detail: string): ProfileRefusal => refuse('bad_profile', detail)
const within = (text: string, max: number): boolean => text.trim() !== '' && text.length <= max

/** The wire form of a desired profile, or why the platform would refuse it. Pure. */
export function profileBody(desired: DesiredProfile, httpsOnly: boolean): Profile | ProfileRefusal {
  const body: Profile = {}
  const { greeting, menu, iceBreakers } = desired
  for (const [name, texts] of Object.entries({ greeting, menu, iceBreakers })) {
    if (texts !== undefined && !Object.hasOwn(texts, 'default'))
      return bad(`${name} lacks the locale default`)
  }
  if (desired.getStarted !== undefined) {
    if (!within(desired.getStarted, 1_000)) return bad('getStarted payload')
    body.get_started = { payload: desired.getStarted }
  }
  if (greeting !== undefined) {
    if (!Object.values(greeting).every((text) => within(text, 160)))
      return bad('a greeting has 1 to 160 characters')
    body.greeting = Object.entries(greeting).map(([locale, text]) => ({ locale, text }))
  }
  if (menu !== undefined) {
    if (desired.getStarted === undefined) return bad('a menu needs getStarted')
    for (const item of Object.values(menu).flat()) {
      if (!within(item.title, 30)) return bad('a menu title has 1 to 30 characters')
      if (item.kind === 'url' && !isAllowedUrl(item.url, httpsOnly)) return bad('a menu address is https')
      if (item.kind === 'choice' && !within(item.payload, 1_000)) return bad('a menu payload')
    }
    if (Object.values(menu).some((items) => items.length === 0 || items.length > 20))
      return bad('a menu has 1 to 20 items')
    body.persistent_menu = Object.entries(menu).map(([locale, items]) => ({
      locale,
      composer_input_disabled: false,
      call_to_actions: items.map((item) =>
        item.kind === 'choice'
          ? { type: 'postback' as const, title: item.title, payload: item.payload }
          : { type: 'web_url' as const, title: item.title, url: item.url },
      ),
    }))
  }
  if (iceBreakers !== undefined) {
    if (Object.values(iceBreakers).some((items) => items.length === 0 || items.length > 4))
      return bad('1 to 4 ice breakers')
    for (const { question, payload } of Object.values(iceBreakers).flat()) {
      if (!within(question, 80) || !within(payload, 1_000))
        return bad('an ice breaker has 1 to 80 characters')
    }
    body.ice_breakers = Object.entries(iceBreakers).map(([locale, items]) => ({
      locale,
      call_to_actions: items.map(({ question, payload }) => ({ question, payload })),
    }))
  }
  if (desired.whitelistedDomains !== undefined) {
    if (desired.whitelistedDomains.length > 50) return bad('at most 50 domains')
    if (!desired.whitelistedDomains.every((domain) => isAllowedUrl(domain, httpsOnly)))
      return bad('a domain is https')
    body.whitelisted_domains = [...desired.whitelistedDomains]
  }
  if (desired.accountLinkingUrl !== undefined) {
    if (!isAllowedUrl(desired.accountLinkingUrl, httpsOnly)) return bad('the linking address is https')
    body.account_linking_url = desired.accountLinkingUrl
  }
  return body
}

/** What differs: the members to set, with their whole new value, and those to take away. Order of locales is no difference. */
export function diffProfile(
  current: Readonly<Record<string, unknown>>,
  desired: Profile,
): { readonly set: Profile; readonly remove: readonly Member[] } {
  const set: Record<string, unknown> = {}
  const remove: Member[] = []
  for (const name of members) {
    const have = current[name]
    const want = desired[name]
    if (want === undefined) {
      if (have !== undefined && have !== null && !(Array.isArray(have) && have.length === 0))
        remove.push(name)
    } else if (comparable(name, have) !== comparable(name, want)) set[name] = want
  }
  // The menu cannot stand without get_started: it goes first, or with it.
  if (
    remove.includes('get_started') &&
    current.persistent_menu !== undefined &&
    !remove.includes('persistent_menu')
  )
    remove.unshift('persistent_menu')
  return { set: set as Profile, remove }
}

/** A value as text in which only meaning differs: keys and locales sorted, the platform's trailing slashes and defaults gone. */
function comparable(name: Member, value: unknown): string {
  if (!Array.isArray(value)) return canonical(value)
  const items = value.map((item) => {
    if (typeof item === 'string') return JSON.stringify(item.replace(/\/$/, '').toLowerCase())
    const object = bag(item)
    if (name !== 'persistent_menu' || object === null) return canonical(item)
    const { composer_input_disabled: disabled, ...rest } = object
    return canonical(disabled === true ? object : rest)
  })
  return items.sort().join()
}

/** The account's profile as it stands at the platform. Throws OutsideError. */
export async function readProfile(graph: Graph): Promise<Readonly<Record<string, unknown>>> {
  const answer = await graph.call(
    { method: 'GET', path: 'me/messenger_profile', query: { fields: members.join() } },
    z.looseObject({ data: z.array(z.looseObject({})) }),
  )
  return Object.assign({}, ...answer.data) as Record<string, unknown>
}

/**
 * Makes the profile at the platform what is desired, and returns the names of what was set and removed (empty when it
 * already was). Page-level menus may take a day to show on phones.
 */
export async function applyProfile(
  graph: Graph,
  desired: DesiredProfile,
): Promise<{ readonly set: readonly string[]; readonly removed: readonly string[] } | ProfileRefusal> {
  const body = profileBody(desired, graph.settings.httpsOnly)
  if (isRefusal(body)) return body
  const { set, remove } = diffProfile(await readProfile(graph), body)
  const done = z.union([z.looseObject({ result: z.string() }), z.looseObject({ success: z.boolean() })])
  if (remove.length > 0) {
    await graph.call(
      { method: 'DELETE', path: 'me/messenger_profile', body: JSON.stringify({ fields: remove }) },
      done,
    )
  }
  if (Object.keys(set).length > 0) {
    await graph.call({ method: 'POST', path: 'me/messenger_profile', body: JSON.stringify(set) }, done)
  }
  return { set: Object.keys(set), removed: remove }
}
