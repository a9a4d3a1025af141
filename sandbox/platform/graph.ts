import type { Delivery } from './delivery.ts'
import type { Events } from './events.ts'
import { fail, errorReply, ok, type Reply } from './graph-error.ts'
import { lookUpLinking, unlink } from './linking.ts'
import { bounds } from './options.ts'
import { isObject, word } from './phone/loose.ts'
import type { JsonObject } from './phone/wire.ts'
import { profileCall } from './profile-api.ts'
import { keepAttachment, type Sender } from './send.ts'
import { checkText, checkUrl } from './template-rules.ts'
import { threadControlCall, threadOwnerCall } from './thread-control.ts'
import { createTemplate, templateLibrary } from './utility-templates.ts'
import {
  newNumericId,
  webhookFields,
  type App,
  type Page,
  type UtilityTemplate,
  type World,
} from './world.ts'

/** One call of the Graph API, whether it came by itself or as a part of a batch. */
export type GraphCall = {
  readonly method: string
  /** Without version and leading slash: `me/messages`, `123`, `` for the root. */
  readonly segments: readonly string[]
  readonly params: JsonObject
  readonly token: string | null
  readonly proof: string | null
}

export type Graph = { call(call: GraphCall): Reply | Promise<Reply> }

type PageCall = {
  readonly app: App
  readonly page: Page
  readonly method: string
  readonly params: JsonObject
}

/** The Graph API's edges for messaging. Everything else is refused as an unknown object (100/33). */
export function createGraph(
  world: World,
  events: Events,
  sender: Sender,
  deliveries: Map<string, Delivery>,
): Graph {
  const needsProof = world.options.requireProof ?? true

  const authorise = (call: GraphCall): { app: App; page: Page } | Reply => {
    if (call.token === null || call.token === '') return errorReply(fail('no_token'))
    const known = world.tokens.get(call.token)
    if (!known) return errorReply(fail('bad_token'))
    if (needsProof) {
      if (call.proof === null)
        return errorReply(fail('parameter', 'API calls from the server require an appsecret_proof argument'))
      if (call.proof !== known.proof)
        return errorReply(fail('parameter', 'Invalid appsecret_proof provided in the API argument'))
    }
    return known
  }

  const subscribedApps = ({ app, page, method, params }: PageCall): Reply => {
    if (method === 'GET') {
      return ok({
        data: [...page.subscriptions].map(([appId, fields]) => ({
          id: appId,
          name: `app ${appId}`,
          subscribed_fields: [...fields],
        })),
      })
    }
    if (method === 'DELETE') {
      page.subscriptions.delete(app.appId)
      return ok({ success: true })
    }
    const fields = Array.isArray(params['subscribed_fields'])
      ? params['subscribed_fields'].map(String)
      : word(params['subscribed_fields'] ?? '')
          .split(',')
          .filter(Boolean)
    if (fields.length === 0)
      return errorReply(fail('parameter', 'The parameter subscribed_fields is required.'))
    const unknown = fields.find((field) => !(webhookFields as readonly string[]).includes(field))
    if (unknown !== undefined)
      return errorReply(
        fail('parameter', `Param subscribed_fields has an unknown field ${unknown.slice(0, 60)}`),
      )
    page.subscriptions.set(app.appId, new Set(fields))
    void deliveries.get(app.appId)?.verify()
    return ok({ success: true })
  }

  const personas = ({ page, method, params }: PageCall): Reply => {
    if (method === 'GET')
      return ok({
        data: [...page.personas.values()].map((persona) => ({
          id: persona.id,
          name: persona.name,
          profile_picture_url: persona.picture,
        })),
      })
    const failure =
      checkText(params['name'], 'name', 80) ?? checkUrl(params['profile_picture_url'], 'profile_picture_url')
    if (failure) return errorReply(failure)
    if (page.personas.size >= bounds.personas) return errorReply(fail('parameter', 'Too many personas'))
    const id = newNumericId()
    page.personas.set(id, { id, name: word(params['name']), picture: word(params['profile_picture_url']) })
    return ok({ id })
  }

  const templates = ({ page, method, params }: PageCall): Reply => {
    const shown = (template: UtilityTemplate): JsonObject => ({
      id: template.id,
      name: template.name,
      language: template.language,
      status: template.status,
      category: 'UTILITY',
      components: template.components,
      ...(template.reason === null ? {} : { rejected_reason: template.reason }),
    })
    if (method === 'GET') {
      const wanted = params['name']
      return ok({
        data: [...page.templates.values()]
          .filter((template) => wanted === undefined || template.name === wanted)
          .map(shown),
      })
    }
    if (method === 'DELETE') {
      const doomed = [...page.templates].filter(([, template]) => template.name === params['name'])
      if (doomed.length === 0) return errorReply(fail('no_object'))
      for (const [key] of doomed) page.templates.delete(key)
      return ok({ success: true })
    }
    const made = createTemplate(page, params)
    if ('failed' in made) return errorReply(made)
    const value: JsonObject = {
      event: made.status,
      message_template_id: made.id,
      message_template_name: made.name,
      message_template_language: made.language,
      ...(made.reason === null ? {} : { reason: made.reason }),
    }
    events.onPage(
      page,
      'messenger_template_status_update',
      'template_status',
      { field: 'messenger_template_status_update', value },
      'changes',
    )
    return ok({
      id: made.id,
      status: made.status,
      category: 'UTILITY',
      ...(made.reason === null ? {} : { rejected_reason: made.reason }),
    })
  }

  const attachments = ({ page, params }: PageCall): Reply => {
    const attachment = isObject(params['message']) ? params['message']['attachment'] : undefined
    if (!isObject(attachment) || !['image', 'audio', 'video', 'file'].includes(word(attachment['type'])))
      return errorReply(
        fail('parameter', 'Param message[attachment][type] must be one of {IMAGE, AUDIO, VIDEO, FILE}'),
      )
    const size = params['filedata_bytes']
    if (typeof size === 'number' && size > 25 * 1024 * 1024) return errorReply(fail('attachment_too_large'))
    if (typeof size !== 'number') {
      const failure = checkUrl(
        isObject(attachment['payload']) ? attachment['payload']['url'] : undefined,
        'message[attachment][payload][url]',
      )
      if (failure) return errorReply(failure)
    }
    return ok({ attachment_id: keepAttachment(page, word(attachment['type'])) })
  }

  const profileOf = (page: Page, psid: string, params: JsonObject): Reply => {
    const person = world.people.get(psid)
    if (!person || !page.threads.has(psid)) return errorReply(fail('no_object'))
    const all: JsonObject = {
      first_name: person.firstName,
      last_name: person.lastName,
      name: `${person.firstName} ${person.lastName}`.trim(),
      profile_pic: `${world.publicUrl}/phone/avatar.svg`,
      locale: person.locale,
      timezone: offsetHours(person.timeZone, world.clock()),
    }
    const wanted = word(params['fields'] ?? 'first_name,last_name,profile_pic')
      .split(',')
      .map((field) => field.trim())
    const unknown = wanted.find((field) => field !== 'id' && !(field in all))
    if (unknown !== undefined)
      return errorReply(fail('parameter', `Tried accessing nonexisting field (${unknown.slice(0, 60)})`))
    return {
      ...ok({
        ...Object.fromEntries(wanted.filter((field) => field !== 'id').map((field) => [field, all[field]])),
        id: psid,
      }),
      psid,
    }
  }

  const pageEdge = (edge: string, call: PageCall): Reply => {
    const { app, page, method, params } = call
    const key = `${method} ${edge}`
    switch (key) {
      case 'POST messages':
        return sender.send(app, page, params)
      case 'GET messenger_profile':
      case 'POST messenger_profile':
      case 'DELETE messenger_profile':
        return profileCall(world, app, page, method, params)
      case 'GET subscribed_apps':
      case 'POST subscribed_apps':
      case 'DELETE subscribed_apps':
        return subscribedApps(call)
      case 'GET personas':
      case 'POST personas':
        return personas(call)
      case 'GET message_templates':
      case 'POST message_templates':
      case 'DELETE message_templates':
        return templates(call)
      case 'POST message_attachments':
        return attachments(call)
      case 'POST pass_thread_control':
      case 'POST take_thread_control':
      case 'POST request_thread_control':
      case 'POST release_thread_control':
      case 'POST extend_thread_control':
        return threadControlCall(world, events, app, page, edge, params)
      case 'GET thread_owner':
        return threadOwnerCall(world, app, page, word(params['recipient'] ?? ''))
      case 'POST unlink_accounts': {
        const thread = page.threads.get(word(params['psid']))
        if (!thread) return errorReply(fail('no_user'))
        if (!thread.linked) return errorReply(fail('parameter', 'The account is not linked'))
        unlink(world, events, thread)
        return { ...ok({ result: 'unlink account success' }), psid: thread.psid }
      }
      default:
        return errorReply(fail('no_object'))
    }
  }

  /** `POST /{app}/subscriptions` with an app token: sets the callback, after a handshake. */
  const appSubscription = async (app: App, params: JsonObject): Promise<Reply> => {
    const failure =
      checkUrl(params['callback_url'], 'callback_url') ??
      checkText(params['verify_token'], 'verify_token', 500)
    if (failure) return errorReply(failure)
    app.callbackUrl = word(params['callback_url'])
    app.verifyToken = word(params['verify_token'])
    app.callback = 'unverified'
    const verified = (await deliveries.get(app.appId)?.verify()) ?? false
    return verified ? ok({ success: true }) : errorReply(fail('callback_failed'))
  }

  return {
    call: (call) => {
      const { segments, method, params } = call
      const [node = '', edge, ...rest] = segments
      const named = world.apps.get(node)
      if (named && edge === 'subscriptions' && method === 'POST') {
        if (call.token !== `${named.appId}|${named.appSecret}`) return errorReply(fail('bad_token'))
        return appSubscription(named, params)
      }
      const auth = authorise(call)
      if ('status' in auth) return auth
      const { app, page } = auth
      if (rest.length > 0) return errorReply(fail('no_object'))
      if (node === 'message_template_library' && edge === undefined && method === 'GET') {
        const wanted = word(params['name_or_content'] ?? '').toLowerCase()
        return ok({
          data: templateLibrary.filter(
            (entry) =>
              JSON.stringify(entry).toLowerCase().includes(wanted) &&
              (params['language'] === undefined || entry.language === params['language']),
          ),
        })
      }
      if (node === 'me' || node === page.id) {
        if (edge !== undefined) return pageEdge(edge, { app, page, method, params })
        if (method !== 'GET') return errorReply(fail('no_object'))
        if (params['account_linking_token'] !== undefined)
          return lookUpLinking(world, page, word(params['account_linking_token']))
        return ok({ name: page.name, id: page.id })
      }
      if (edge === undefined && page.personas.has(node)) {
        const persona = page.personas.get(node)
        if (method === 'DELETE') page.personas.delete(node)
        return ok(
          method === 'DELETE'
            ? { success: true }
            : { id: node, name: persona?.name, profile_picture_url: persona?.picture },
        )
      }
      if (edge === undefined && method === 'GET') return profileOf(page, node, params)
      return errorReply(fail('no_object'))
    },
  }
}

/** Offset from UTC in hours, as the profile API gives time zones. */
function offsetHours(timeZone: string, now: number): number {
  const part =
    new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
      .formatToParts(now)
      .find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
  const match = /GMT([+-])(\d\d):(\d\d)/.exec(part)
  return match ? (match[1] === '-' ? -1 : 1) * (Number(match[2]) + Number(match[3]) / 60) : 0
}
