import { strict as assert } from 'node:assert'

/** A phone's own browser, by its user agent. */
export const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1'

export type Control = { readonly name: string; readonly value: string }
export type Form = {
  readonly method: 'get' | 'post'
  readonly action: string
  /** What would be sent if it were sent as it stands: hidden, typed, ticked. */
  readonly fields: readonly Control[]
  /** Everything that could be sent: also boxes and radios that are not ticked. */
  readonly offered: readonly (Control & { readonly disabled: boolean })[]
  readonly buttons: readonly (Control & {
    readonly label: string
    readonly action: string | null
    readonly disabled: boolean
  })[]
}

/** Fields by name; an array gives the name several times; null leaves it out. */
export type Filled = Readonly<Record<string, string | readonly string[] | null>>

/**
 * A browser without script: cookies by host (as browsers keep them, ports do not matter), forms, redirects. What it
 * cannot do (script, layout, passkeys) is the browser test's.
 */
export class Visitor {
  readonly #cookies = new Map<string, Map<string, string>>()
  readonly #userAgent: string
  /** Every address visited, redirects included, newest last. */
  readonly trail: string[] = []

  constructor(options: { userAgent?: string } = {}) {
    this.#userAgent = options.userAgent ?? safari
  }

  async open(
    url: string,
    options: {
      headers?: Record<string, string>
      method?: 'GET' | 'POST'
      body?: string
      redirects?: number
    } = {},
  ): Promise<Page> {
    let at = new URL(url)
    let method = options.method ?? 'GET'
    let body = options.body
    for (let hops = 0; hops <= (options.redirects ?? 12); hops++) {
      const jar = this.#jarOf(at.hostname)
      this.trail.push(at.href)
      const response = await fetch(at, {
        method,
        redirect: 'manual',
        headers: {
          'user-agent': this.#userAgent,
          accept: 'text/html,application/xhtml+xml',
          'accept-language': 'en-US',
          ...(jar.size > 0 ? { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...options.headers,
        },
        ...(body === undefined ? {} : { body }),
      })
      for (const line of response.headers.getSetCookie()) this.#keep(jar, line)
      const location = response.headers.get('location')
      if (
        location === null ||
        response.status < 300 ||
        response.status > 399 ||
        hops === (options.redirects ?? 12)
      ) {
        return new Page(this, at, response.status, response.headers, await response.text())
      }
      await response.body?.cancel()
      at = new URL(location, at)
      method = 'GET'
      body = undefined
    }
    throw new Error(`too many redirects: ${this.trail.slice(-4).join(' → ')}`)
  }

  /** The cookies of a host as text, to look at. */
  cookiesOf(hostname: string): string {
    return [...this.#jarOf(hostname)].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  forgetCookies(): void {
    this.#cookies.clear()
  }

  #jarOf(hostname: string): Map<string, string> {
    const jar = this.#cookies.get(hostname) ?? new Map<string, string>()
    this.#cookies.set(hostname, jar)
    return jar
  }

  #keep(jar: Map<string, string>, line: string): void {
    const [pair = '', ...attributes] = line.split(';')
    const at = pair.indexOf('=')
    const name = pair.slice(0, at).trim()
    const ended = attributes.some((one) => {
      const [key = '', value = ''] = one.trim().split('=')
      return (
        (/^max-age$/i.test(key) && Number(value) <= 0) ||
        (/^expires$/i.test(key) && Date.parse(value) < Date.now())
      )
    })
    if (ended) jar.delete(name)
    else jar.set(name, pair.slice(at + 1).trim())
  }
}

export class Page {
  readonly #visitor: Visitor
  readonly url: URL
  readonly status: number
  readonly headers: Headers
  readonly html: string

  constructor(visitor: Visitor, url: URL, status: number, headers: Headers, html: string) {
    this.#visitor = visitor
    this.url = url
    this.status = status
    this.headers = headers
    this.html = html
  }

  /** What a person reads: the text of the body, spaces folded. */
  get words(): string {
    return textOf(/<body[^>]*>([\s\S]*)<\/body>/i.exec(this.html)?.[1] ?? this.html)
  }

  get heading(): string {
    return textOf(/<h1[^>]*>([\s\S]*?)<\/h1>/i.exec(this.html)?.[1] ?? '')
  }

  get forms(): readonly Form[] {
    return [...this.html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(
      ([, attributes = '', inside = '']) => formOf(attributes, inside, this.url),
    )
  }

  get links(): readonly { readonly label: string; readonly url: string }[] {
    return [...this.html.matchAll(/<a\b([^>]*)>([\s\S]*?)<\/a>/gi)].flatMap(
      ([, attributes = '', inside = '']) => {
        const to = attributesOf(attributes).get('href')
        return to === undefined ? [] : [{ label: textOf(inside), url: new URL(to, this.url).href }]
      },
    )
  }

  /** The text of every element with this class. */
  all(className: string): string[] {
    return [
      ...this.html.matchAll(
        new RegExp(`<(\\w+)[^>]*class="(?:[^"]* )?${className}(?: [^"]*)?"[^>]*>([\\s\\S]*?)</\\1>`, 'g'),
      ),
    ].map(([, , inside = '']) => textOf(inside))
  }

  /** Follows the first link whose words match. */
  follow(label: RegExp | string): Promise<Page> {
    const link = this.links.find((one) =>
      typeof label === 'string' ? one.label.includes(label) : label.test(one.label),
    )
    assert.ok(
      link,
      `no link ${String(label)} at ${this.url.pathname}; there are: ${this.links.map((one) => one.label).join(' | ')}`,
    )
    return this.#visitor.open(link.url)
  }

  /** Presses the button with these words, or with this `name=value`, after filling in its form. */
  press(button: RegExp | string, filled: Filled = {}): Promise<Page> {
    for (const form of this.forms) {
      const found = form.buttons.find(
        (one) =>
          !one.disabled &&
          (typeof button === 'string'
            ? one.label === button || `${one.name}=${one.value}` === button
            : button.test(one.label)),
      )
      if (found) return this.#submit(form, found, filled)
    }
    throw new assert.AssertionError({
      message: `no button ${String(button)} at ${this.url.pathname} (${this.status}, ${this.heading}); there are: ${this.forms.flatMap((form) => form.buttons.map((one) => one.label)).join(' | ')}`,
    })
  }

  /** Sends the form with this action without any button, as a hostile page or an old tab could. */
  submit(action: string, filled: Filled = {}): Promise<Page> {
    const form = this.forms.find((one) => new URL(one.action).pathname === action)
    assert.ok(form, `no form ${action} at ${this.url.pathname}`)
    return this.#submit(form, null, filled)
  }

  #submit(form: Form, button: Form['buttons'][number] | null, filled: Filled): Promise<Page> {
    const names = Object.keys(filled)
    const sent = new URLSearchParams()
    for (const { name, value } of form.fields) if (!names.includes(name)) sent.append(name, value)
    for (const name of names) {
      const value = filled[name] ?? null
      if (value !== null)
        for (const each of typeof value === 'string' ? [value] : value) sent.append(name, each)
    }
    if (button && button.name !== '') sent.append(button.name, button.value)
    const action = button?.action ?? form.action
    if (form.method === 'get') {
      const to = new URL(action)
      to.search = sent.toString()
      return this.#visitor.open(to.href)
    }
    // Under no-referrer a browser sends `Origin: null` with a form (Fetch §3.2).
    const origin = this.headers.get('referrer-policy') === 'no-referrer' ? 'null' : this.url.origin
    return this.#visitor.open(action, { method: 'POST', body: sent.toString(), headers: { origin } })
  }
}

function formOf(attributes: string, inside: string, base: URL): Form {
  const own = attributesOf(attributes)
  const fields: Control[] = []
  const offered: Form['offered'][number][] = []
  for (const [, text = ''] of inside.matchAll(/<input\b([^>]*)>/gi)) {
    const input = attributesOf(text)
    const name = input.get('name')
    if (name === undefined) continue
    const type = input.get('type') ?? 'text'
    const value = input.get('value') ?? (type === 'checkbox' ? 'on' : '')
    const disabled = input.has('disabled')
    offered.push({ name, value, disabled })
    const ticked = !['checkbox', 'radio'].includes(type) || input.has('checked')
    if (!disabled && ticked && !['submit', 'button', 'image'].includes(type)) fields.push({ name, value })
  }
  for (const [, text = '', options = ''] of inside.matchAll(/<select\b([^>]*)>([\s\S]*?)<\/select>/gi)) {
    const name = attributesOf(text).get('name')
    const all = [...options.matchAll(/<option\b([^>]*)>/gi)].map(([, option = '']) => attributesOf(option))
    const chosen = all.find((option) => option.has('selected')) ?? all[0]
    if (name === undefined || !chosen) continue
    fields.push({ name, value: chosen.get('value') ?? '' })
    for (const option of all)
      offered.push({ name, value: option.get('value') ?? '', disabled: option.has('disabled') })
  }
  const buttons = [...inside.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/gi)].flatMap(
    ([, text = '', label = '']) => {
      const button = attributesOf(text)
      if (button.get('type') === 'button' || button.get('type') === 'reset') return []
      const action = button.get('formaction')
      return [
        {
          name: button.get('name') ?? '',
          value: button.get('value') ?? '',
          label: textOf(label),
          action: action === undefined ? null : new URL(action, base).href,
          disabled: button.has('disabled'),
        },
      ]
    },
  )
  return {
    method: (own.get('method') ?? 'get').toLowerCase() === 'post' ? 'post' : 'get',
    action: new URL(own.get('action') ?? base.href, base).href,
    fields,
    offered,
    buttons,
  }
}

function attributesOf(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const [, name = '', quoted, bare] of text.matchAll(
    /([a-z][\w:-]*)(?:\s*=\s*(?:"([^"]*)"|([^\s"'>]+)))?/gi,
  ))
    found.set(name.toLowerCase(), decode(quoted ?? bare ?? ''))
  return found
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
}
const decode = (text: string): string =>
  text.replace(/&(#x[0-9a-f]+|#\d+|[a-z]+);/gi, (whole, name: string) =>
    name.startsWith('#')
      ? String.fromCodePoint(/^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1)))
      : (entities[name.toLowerCase()] ?? whole),
  )

/** Markup to what is read: no tags, no script, entities as characters, spaces folded. */
export const textOf = (markup: string): string =>
  decode(
    markup
      .replace(/<(script|style|template|svg)\b[\s\S]*?<\/\1>/gi, ' ')
      .replace(/<br\s*\/?>/gi, ' ')
      .replace(/<\/?(?:b|i|a|em|strong|span|small|code)\b[^>]*>/gi, '')
      .replace(/<[^>]+>/g, ' '),
  )
    .replace(/\s+/g, ' ')
    .trim()
