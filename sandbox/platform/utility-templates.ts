import { fail, isFailure, type Failure } from './graph-error.ts'
import { bounds } from './options.ts'
import { isObject, word } from './phone/loose.ts'
import type { JsonObject } from './phone/wire.ts'
import { checkText, checkUrl } from './template-rules.ts'
import { newNumericId, type Page, type UtilityTemplate } from './world.ts'

const bad = (message: string): Failure => fail('parameter', message)

/** A small library in the platform's manner, in our own words: what a bank would clone. */
export const templateLibrary: readonly {
  readonly name: string
  readonly language: string
  readonly components: readonly JsonObject[]
}[] = [
  {
    name: 'account_notice_ready',
    language: 'en',
    components: [
      { type: 'BODY', text: 'Hello, {{1}} has a notice waiting for you. Open it on the page of your bank.' },
    ],
  },
  {
    name: 'card_activity_check',
    language: 'en',
    components: [
      {
        type: 'BODY',
        text: 'Please check a card payment: {{1}} would like to know whether it was you. Answer here or call the number on your card.',
      },
    ],
  },
  {
    name: 'order_on_its_way',
    language: 'en',
    components: [
      {
        type: 'BODY',
        text: 'Good news, your order {{1}} is on its way and should arrive on {{2}}. We will write again when it is there.',
      },
    ],
  },
  {
    name: 'payment_request_waiting',
    language: 'en',
    components: [
      {
        type: 'BODY',
        text: 'A payment request from {{1}} is waiting for your answer. It ends on {{2}} if you do nothing.',
      },
    ],
  },
  {
    name: 'account_notice_ready',
    language: 'fr',
    components: [
      {
        type: 'BODY',
        text: 'Bonjour, {{1}} a un avis pour vous. Ouvrez-le sur la page de votre institution.',
      },
    ],
  },
]

const placeholders = (text: string): string[] =>
  Array.from(text.matchAll(/\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g), (match) => match[1] as string)

/** Words that make a reviewer call it marketing, or ask for what no template may ask (reference §7, §18). Ours, and short. */
const marketing =
  /\b(?:sale|discount|coupon|promo(?:tion)?|special offer|\d+ ?% off|limited time|buy now|best deal)\b/i
const asksForIdentifier =
  /\b(?:send|reply with|enter|provide|confirm|type)\b[^.]{0,40}\b(?:card number|account number|social security|national id|passport|pin|password)\b/i

const componentOf = (components: readonly JsonObject[], type: string): JsonObject | undefined =>
  components.find((component) => word(component['type']).toUpperCase() === type)

/** What the review says of a template's text; null = approved. */
export function reviewTemplate(components: readonly JsonObject[], named: boolean): string | null {
  for (const type of ['HEADER', 'BODY']) {
    const text = componentOf(components, type)?.['text']
    if (text === undefined) continue
    const trimmed = word(text).trim()
    const names = placeholders(trimmed)
    if (trimmed.startsWith('{{') || trimmed.endsWith('}}')) return 'INCORRECT_PARAMS'
    if (!named && names.some((name, index) => name !== word(index + 1))) return 'INCORRECT_PARAMS'
    if (named && names.some((name) => /^\d+$/.test(name))) return 'INCORRECT_PARAMS'
    const words = trimmed
      .replaceAll(/\{\{[^}]*\}\}/g, ' ')
      .split(/\s+/)
      .filter(Boolean).length
    if (type === 'BODY' && names.length > 0 && words < names.length * 3)
      return 'PARAMS_TO_WORD_RATIO_EXCEED_LIMIT'
    if (marketing.test(trimmed)) return 'TAG_SHOULD_BE_MARKETING'
    if (asksForIdentifier.test(trimmed)) return 'SENSITIVE_IDENTIFIER_REQUESTED'
  }
  return null
}

/** `POST /{page}/message_templates`: create, or clone with `library_template_name`. The status is final at once. */
export function createTemplate(page: Page, params: JsonObject): UtilityTemplate | Failure {
  const clone = templateLibrary.find(
    (entry) =>
      entry.name === params['library_template_name'] && entry.language === (params['language'] ?? 'en'),
  )
  if (params['library_template_name'] !== undefined && !clone)
    return bad('library_template_name is not in the library for this language')
  const { name, language, category } = params
  if (typeof name !== 'string' || !/^[a-z0-9_]{1,512}$/.test(name))
    return bad('Param name must be lower case letters, digits and underscores')
  if (typeof language !== 'string' || !/^[a-z]{2}(?:_[A-Z]{2})?$/.test(language))
    return bad('Param language must be a locale code')
  if (category !== 'UTILITY') return bad('Param category must be UTILITY')
  const components: unknown = params['components'] ?? clone?.components
  if (!Array.isArray(components) || !components.every(isObject))
    return bad('Param components must be an array of objects')
  const body = componentOf(components, 'BODY')
  const failure = body
    ? checkText(body['text'], 'components[body][text]', 1024)
    : bad('Param components needs a BODY')
  if (failure) return failure
  for (const button of (componentOf(components, 'BUTTONS')?.['buttons'] as JsonObject[] | undefined) ?? []) {
    const type = word(button['type']).toUpperCase()
    if (type !== 'URL' && type !== 'POSTBACK') return bad('A template button must be URL or POSTBACK')
    const problem =
      checkText(button['text'] ?? button['title'], 'components[buttons][text]', 25) ??
      (type === 'URL'
        ? checkUrl(word(button['url']).replaceAll(/\{\{1\}\}/g, 'x'), 'components[buttons][url]')
        : null)
    if (problem) return problem
  }
  const key = `${name}/${language}`
  if (page.templates.has(key)) return bad('A template with this name and language exists')
  if (page.templates.size >= bounds.templates) return bad('Too many templates')
  const named = params['parameter_format'] === 'NAMED'
  const reason = reviewTemplate(components, named)
  const template: UtilityTemplate = {
    id: newNumericId(),
    name,
    language,
    components,
    named,
    status: reason ? 'REJECTED' : 'APPROVED',
    reason,
  }
  page.templates.set(key, template)
  return template
}

export type Filled = {
  readonly header?: string
  readonly body: string
  readonly buttons: readonly JsonObject[]
}

/** Fills an approved template with what the send gives; refuses a wrong count, name, or a sign the platform warns against. */
export function fillTemplate(page: Page, given: unknown): Filled | Failure {
  if (!isObject(given) || !isObject(given['language']))
    return bad('Param message[template] needs name and language')
  const template = page.templates.get(`${word(given['name'])}/${word(given['language']['code'])}`)
  if (!template) return bad('The template does not exist in this language')
  if (template.status !== 'APPROVED') return bad('The template is not approved')
  const sent = Array.isArray(given['components']) ? (given['components'] as JsonObject[]) : []
  const fillText = (type: 'HEADER' | 'BODY'): string | undefined | Failure => {
    const text = componentOf(template.components, type)?.['text']
    if (text === undefined) return undefined
    const wanted = [...new Set(placeholders(word(text)))]
    const values = ((componentOf(sent, type)?.['parameters'] as JsonObject[] | undefined) ?? []).filter(
      isObject,
    )
    if (values.length !== wanted.length)
      return bad(
        `The template's ${type.toLowerCase()} takes ${wanted.length} parameters, ${values.length} given`,
      )
    const byName = new Map<string, string>()
    for (const [index, value] of values.entries()) {
      const name = template.named ? word(value['parameter_name']) : word(index + 1)
      const problem =
        value['type'] === 'text'
          ? checkText(value['text'], 'parameters[text]', 1024)
          : bad('A parameter must be of type text')
      if (problem) return problem
      if (/[#$%]/.test(word(value['text']))) return bad('A parameter cannot contain # $ or %')
      byName.set(name, word(value['text']))
    }
    if (wanted.some((name) => !byName.has(name))) return bad('A named parameter is missing')
    return word(text).replaceAll(
      /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g,
      (_, name: string) => byName.get(name) ?? '',
    )
  }
  const header = fillText('HEADER')
  const body = fillText('BODY')
  if (isFailure(header)) return header
  if (isFailure(body)) return body
  const sentButtons = (
    (componentOf(sent, 'BUTTONS')?.['parameters'] as JsonObject[] | undefined) ?? []
  ).filter(isObject)
  const declared =
    (componentOf(template.components, 'BUTTONS')?.['buttons'] as JsonObject[] | undefined) ?? []
  const buttons = declared.map((button, index): JsonObject => {
    const title = word(button['text'] ?? button['title'])
    if (word(button['type']).toUpperCase() === 'POSTBACK')
      return {
        type: 'postback',
        title,
        payload: word(sentButtons[index]?.['payload'] ?? button['payload'] ?? title),
      }
    return {
      type: 'web_url',
      title,
      url: word(button['url']).replaceAll('{{1}}', word(sentButtons[index]?.['url'] ?? '')),
    }
  })
  return { header, body: body ?? '', buttons }
}
