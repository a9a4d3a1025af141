/** What the visitor does at a bank's pages. */
export type VisitPlan = {
  readonly username: string
  readonly password: string
  /** Last four digits of the accounts to tick, or all of them. */
  readonly accounts?: 'all' | readonly string[]
  readonly decision?: 'allow' | 'cancel'
}

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&amp;', '&')

/**
 * Walks a bank's login, account choice and confirmation as a browser without script would, by plain form posts, and
 * returns the address that the bank sends the browser back to (the client's redirect URI, with `code` or `error`).
 * For tests and demonstrations. Throws when the bank stops on a page of its own, with that page's heading.
 */
export async function visitBank(authorizationUrl: string, plan: VisitPlan): Promise<string> {
  const home = new URL(authorizationUrl).origin
  const jar = new Map<string, string>()

  async function send(url: string, form?: URLSearchParams): Promise<{ url: string; page: string }> {
    let target = url
    let body = form
    for (let hops = 0; hops < 12; hops++) {
      const response = await fetch(target, {
        method: body ? 'POST' : 'GET',
        redirect: 'manual',
        headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
        ...(body ? { body } : {}),
      })
      for (const cookie of response.headers.getSetCookie()) {
        const [pair = ''] = cookie.split(';')
        const at = pair.indexOf('=')
        if (/expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(pair.slice(0, at))
        else jar.set(pair.slice(0, at), pair.slice(at + 1))
      }
      const location = response.headers.get('location')
      if (location === null) return { url: target, page: await response.text() }
      await response.body?.cancel()
      target = new URL(location, target).href
      body = undefined
      if (new URL(target).origin !== home) return { url: target, page: '' }
    }
    throw new Error('the bank redirects in circles')
  }

  const stopped = (page: string): Error =>
    new Error(`the bank stopped at: ${/<h1>([^<]*)<\/h1>/.exec(page)?.[1] ?? page.slice(0, 200)}`)
  const away = (where: { url: string }): boolean => new URL(where.url).origin !== home

  let now = await send(authorizationUrl)
  if (away(now)) return now.url
  const action = attribute(/<form class="card"[^>]*>/.exec(now.page)?.[0] ?? '', 'action')
  if (action === undefined) throw stopped(now.page)
  const visit = new URL(action.replace(/\/sign-in$/, ''), home).href
  if (plan.decision === 'cancel') return (await send(`${visit}/cancel`, new URLSearchParams())).url

  now = await send(
    `${visit}/sign-in`,
    new URLSearchParams({ username: plan.username, password: plan.password }),
  )
  if (away(now)) return now.url
  if (!now.url.endsWith('/accounts')) throw stopped(now.page)
  const ticks = new URLSearchParams()
  for (const [label] of now.page.matchAll(/<label class="pick">.*?<\/label>/gs)) {
    const four = /··(\d{4})/.exec(label)?.[1] ?? ''
    if (plan.accounts === undefined || plan.accounts === 'all' || plan.accounts.includes(four))
      ticks.append('account', attribute(label, 'value') ?? '')
  }
  now = await send(`${visit}/accounts`, ticks)
  if (!now.url.endsWith('/confirm')) throw stopped(now.page)
  now = await send(`${visit}/confirm`, new URLSearchParams())
  if (!away(now)) throw stopped(now.page)
  return now.url
}
