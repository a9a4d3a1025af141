import { createHmac, createSecretKey } from 'node:crypto'

/** Page and people of the bench; ids have a fixed length, so every webhook is of one size. */
export const pageId = '730000000000900'
export const appId = '730000000000901'
const userPrefix = '8300'
const userDigits = 12

/** The page-scoped id of the n-th customer. */
export const userOf = (index: number): string => `${userPrefix}${String(index).padStart(userDigits, '0')}`
/** The number of a customer, by id. */
export const indexOf = (user: string): number => Number(user.slice(userPrefix.length))
export const userLength = userPrefix.length + userDigits

const midDigits = 12
const midPad = 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-'

/**
 * Makes signed webhook requests as Messenger sends them: a text of a person, with what its built-in language detection
 * adds, about 1 kB. `run` keeps message ids of different runs apart. Both signatures are sent, as the platform does;
 * `sha1` = false leaves the old one out (nobody but old libraries reads it).
 */
export function webhookMaker(options: {
  readonly secret: string
  readonly host: string
  readonly path: string
  readonly text: string
  readonly run: string
  readonly sha1: boolean
}): (user: string, n: number, at: number) => string {
  const { secret, host, path, text, run, sha1 } = options
  const mark = { user: '#U#', at: 7_777_777_777_777, mid: '#M#' }
  const traits = Object.fromEntries(
    ['wit$sentiment', 'wit$greetings', 'wit$thanks', 'wit$bye'].map((name, i) => [
      name,
      [
        {
          id: `c0ffee00-0000-4000-8000-00000000000${i}`,
          value: i === 0 ? 'neutral' : 'false',
          confidence: 0.5318,
        },
      ],
    ]),
  )
  const body = JSON.stringify({
    object: 'page',
    entry: [
      {
        id: pageId,
        time: mark.at,
        messaging: [
          {
            sender: { id: mark.user },
            recipient: { id: pageId },
            timestamp: mark.at,
            message: {
              mid: mark.mid,
              text,
              nlp: {
                intents: [],
                entities: {},
                traits,
                detected_locales: [{ locale: 'en_XX', confidence: 0.9719 }],
              },
            },
          },
        ],
      },
    ],
  })
  const parts = body.split(/#U#|#M#|7777777777777/)
  if (parts.length !== 5) throw new Error('the template has four places')
  const [p0, p1, p2, p3, p4] = parts as [string, string, string, string, string]
  const midOf = (n: number): string => `m_${run}${String(n).padStart(midDigits, '0')}${midPad}`
  const length = Buffer.byteLength(body) - 3 - 3 + userLength + midOf(0).length
  const key = createSecretKey(Buffer.from(secret))
  const head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nuser-agent: facebookexternalua\r\naccept: */*\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n`
  return (user, n, at) => {
    const filled = `${p0}${at}${p1}${user}${p2}${at}${p3}${midOf(n)}${p4}`
    const old = sha1
      ? `x-hub-signature: sha1=${createHmac('sha1', key).update(filled, 'latin1').digest('hex')}\r\n`
      : ''
    return `${head}${old}x-hub-signature-256: sha256=${createHmac('sha256', key).update(filled, 'latin1').digest('hex')}\r\n\r\n${filled}`
  }
}
