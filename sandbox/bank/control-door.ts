import type { IncomingMessage, ServerResponse } from 'node:http'
import { isRefusal } from '../../src/core/refusal.ts'
import type { Control, ControlAct } from './control.ts'
import { controlShapes } from './control.ts'
import { readText } from './form.ts'

const refusalStatus = {
  unknown_person: 404,
  unknown_account: 404,
  bad_amount: 422,
  frozen: 409,
  full: 507,
} as const

const shapes = controlShapes

/** Each act with its body, which is read again here so that defaults are filled in. */
const perform: Readonly<Record<ControlAct, (control: Control, body: unknown) => unknown>> = {
  purchase: (control, body) => control.purchase(shapes.purchase.parse(body)),
  payment: (control, body) => control.payment(shapes.payment.parse(body)),
  salary: (control, body) => control.salary(shapes.salary.parse(body)),
  suspicious: (control, body) => control.suspicious(shapes.suspicious.parse(body)),
  freeze: (control, body) => control.freeze(shapes.freeze.parse(body)),
  fault(control, body) {
    control.fault(shapes.fault.parse(body))
    return { faults: control.faults() }
  },
  'clear-faults'(control) {
    control.clearFaults()
    return { faults: [] }
  },
  'expire-consents': async (control, body) => ({
    ended: await control.endConsents('expired', shapes['expire-consents'].parse(body).person),
  }),
  'revoke-consents': async (control, body) => ({
    ended: await control.endConsents('revoked', shapes['revoke-consents'].parse(body).person),
  }),
  async reset(control) {
    await control.reset()
    return { reset: true }
  },
}

/**
 * `POST /sandbox/<act>` with JSON; the start page's buttons post forms instead. A page of another site can do neither:
 * JSON needs a preflight that is never granted, and a form must carry this bank's own Origin. The Host is checked
 * too, so that a name rebound to this machine gets nowhere.
 */
export async function answerControl(
  control: Control,
  origin: string,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const send = (status: number, json: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      ...headers,
    })
    response.end(`${JSON.stringify(json)}\n`)
  }
  const host = request.headers.host ?? ''
  if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host) && host !== new URL(origin).host)
    return send(403, { error: 'wrong host' })
  const act = path.slice('/sandbox/'.length)
  if (request.method === 'GET') {
    if (act === 'people') return send(200, { people: control.people() })
    if (act === 'faults') return send(200, { faults: control.faults() })
    if (act === 'consents') return send(200, { consents: control.consents() })
  }
  if (!Object.hasOwn(shapes, act)) return send(404, { error: 'no such act', acts: Object.keys(shapes) })
  if (request.method !== 'POST') return send(405, { error: 'POST it' }, { allow: 'POST' })

  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim()
  const isForm = type === 'application/x-www-form-urlencoded'
  if (isForm ? request.headers.origin !== origin : type !== 'application/json')
    return send(isForm ? 403 : 415, { error: isForm ? 'wrong origin' : 'send application/json' })
  const text = await readText(request, 16 * 1024)
  let body: unknown = null
  try {
    body = isForm ? Object.fromEntries(new URLSearchParams(text ?? '')) : JSON.parse(text ?? '')
  } catch {
    return send(400, { error: 'not JSON' })
  }
  const checked = shapes[act as ControlAct].safeParse(body)
  if (!checked.success)
    return send(422, {
      error: 'wrong fields',
      issues: checked.error.issues.map(({ path: at, message }) => ({ field: at.join('.'), message })),
    })
  const result = await perform[act as ControlAct](control, body)
  const refused = isRefusal(result)
  if (isForm) {
    response.writeHead(303, { location: `/?${refused ? 'refused' : 'done'}=${act}` })
    response.end()
    return
  }
  if (refused) {
    const code = (result as { refused: keyof typeof refusalStatus }).refused
    return send(refusalStatus[code], { error: code })
  }
  send(200, result)
}
