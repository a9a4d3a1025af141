import { errorReply, fail, ok, type Failure, type Reply } from './graph-error.ts'
import { isObject, word } from './phone/loose.ts'
import type { JsonObject } from './phone/wire.ts'
import { checkText, checkUrl, limits } from './template-rules.ts'
import { publishPage } from './views.ts'
import { type App, type Page, type World } from './world.ts'

/** The Messenger profile (reference §8): what the phone shows before and around the chat. */
const fields = [
  'get_started',
  'greeting',
  'ice_breakers',
  'persistent_menu',
  'whitelisted_domains',
  'account_linking_url',
  'commands',
  'subject_to_new_eu_privacy_rules',
]
const settable = fields.slice(0, 7)

const bad = (message: string): Failure => fail('parameter', message)

function checkLocales(list: unknown, name: string): Failure | null {
  if (!Array.isArray(list) || list.length === 0 || !list.every(isObject))
    return bad(`Param ${name} must be a non-empty array of objects`)
  if (!list.some((entry) => entry['locale'] === 'default'))
    return bad(`Param ${name} needs an entry with locale default`)
  return null
}

function checkMenu(menu: JsonObject): Failure | null {
  const items = menu['call_to_actions'] ?? []
  if (!Array.isArray(items) || items.length > 20)
    return bad('Param persistent_menu[call_to_actions] must be an array of up to 20')
  if (items.length === 0 && menu['composer_input_disabled'] === true)
    return bad('A menu without items cannot disable the composer')
  for (const item of items as unknown[]) {
    if (!isObject(item)) return bad('A menu item must be an object')
    const failure =
      checkText(item['title'], 'persistent_menu[title]', 30) ??
      (item['type'] === 'postback'
        ? checkText(item['payload'], 'persistent_menu[payload]', limits.payload)
        : item['type'] === 'web_url'
          ? checkUrl(item['url'], 'persistent_menu[url]')
          : bad('A menu item must be web_url or postback'))
    if (failure) return failure
  }
  return null
}

function checkField(name: string, value: unknown, next: JsonObject): Failure | null {
  switch (name) {
    case 'get_started':
      return isObject(value)
        ? checkText(value['payload'], 'get_started[payload]', limits.payload)
        : bad('Param get_started must be an object')
    case 'greeting': {
      const failure = checkLocales(value, 'greeting')
      if (failure) return failure
      return (
        (value as JsonObject[])
          .map((entry) => checkText(entry['text'], 'greeting[text]', 160))
          .find(Boolean) ?? null
      )
    }
    case 'ice_breakers': {
      if (!Array.isArray(value) || value.length === 0)
        return bad('Param ice_breakers must be a non-empty array')
      const lists =
        isObject(value[0]) && value[0]['call_to_actions'] !== undefined
          ? (value as JsonObject[]).map((entry) => entry['call_to_actions'])
          : [value]
      for (const list of lists) {
        if (!Array.isArray(list) || list.length > 4) return bad('Param ice_breakers takes up to 4 questions')
        for (const item of list as unknown[]) {
          if (!isObject(item)) return bad('An ice breaker must be an object')
          const failure =
            checkText(item['question'], 'ice_breakers[question]', 80) ??
            checkText(item['payload'], 'ice_breakers[payload]', limits.payload)
          if (failure) return failure
        }
      }
      return null
    }
    case 'persistent_menu': {
      const failure = checkLocales(value, 'persistent_menu')
      if (failure) return failure
      if (next['get_started'] === undefined)
        return bad('You must set a Get Started button if you also wish to use persistent menu')
      return (value as JsonObject[]).map(checkMenu).find(Boolean) ?? null
    }
    case 'whitelisted_domains': {
      if (!Array.isArray(value) || value.length === 0 || value.length > 50)
        return bad('Param whitelisted_domains must be an array of up to 50')
      return value.map((domain) => checkUrl(domain, 'whitelisted_domains')).find(Boolean) ?? null
    }
    case 'account_linking_url':
      return checkUrl(value, 'account_linking_url')
    case 'commands': {
      const failure = checkLocales(value, 'commands')
      if (failure) return failure
      for (const entry of value as JsonObject[]) {
        for (const command of (entry['commands'] as unknown[] | undefined) ?? []) {
          const problem = isObject(command)
            ? (checkText(command['name'], 'commands[name]', 32) ??
              checkText(command['description'], 'commands[description]', 64))
            : bad('A command must be an object')
          if (problem) return problem
        }
      }
      return null
    }
    default:
      return bad(`Param ${name} is not a field of the Messenger profile`)
  }
}

/** `GET`, `POST`, `DELETE /me/messenger_profile`. A POST is all or nothing. */
export function profileCall(world: World, app: App, page: Page, method: string, params: JsonObject): Reply {
  const profile = page.profiles.get(app.appId) ?? {}
  if (method === 'GET') {
    const wanted = word(params['fields'] ?? '')
      .split(',')
      .filter(Boolean)
    if (wanted.length === 0 || wanted.some((field) => !fields.includes(field)))
      return errorReply(bad('Param fields must name fields of the Messenger profile'))
    const shown = Object.fromEntries(
      wanted.filter((field) => profile[field] !== undefined).map((field) => [field, profile[field]]),
    )
    return ok({ data: Object.keys(shown).length === 0 ? [] : [shown] })
  }
  if (method === 'POST') {
    const given = Object.entries(params).filter(([name]) => settable.includes(name))
    if (given.length === 0) return errorReply(bad('Give at least one field of the Messenger profile'))
    const next = { ...profile, ...Object.fromEntries(given) }
    for (const [name, value] of given) {
      const failure = checkField(name, value, next)
      if (failure) return errorReply(failure)
    }
    page.profiles.set(app.appId, next)
    publishPage(world, page)
    return ok({ result: 'success' })
  }
  const doomed = Array.isArray(params['fields'])
    ? params['fields'].map(String)
    : word(params['fields'] ?? '')
        .split(',')
        .filter(Boolean)
  if (doomed.length === 0 || doomed.some((field) => !fields.includes(field)))
    return errorReply(bad('Param fields must name fields of the Messenger profile'))
  const next = Object.fromEntries(Object.entries(profile).filter(([name]) => !doomed.includes(name)))
  if (next['persistent_menu'] !== undefined && next['get_started'] === undefined)
    return errorReply(bad('The Get Started button cannot go while there is a persistent menu'))
  page.profiles.set(app.appId, next)
  publishPage(world, page)
  return ok({ result: 'success' })
}
