import { Hono, type Context } from 'hono'
import { isOwnAddress, pageIn, written } from './language.ts'
import { formOf, seeOther, writeCookie, type Web } from './web.ts'

/**
 * Keeps the language that a form chose, for this page and the next ones. True when it chose one. Another site's form
 * chooses nothing (Fetch Metadata; a browser without it could at worst be led to another language).
 */
export function chooseLanguage(web: Web, c: Context, form: { one(name: string): string }): boolean {
  const chosen = written(form.one('language'))
  const site = c.req.header('sec-fetch-site') ?? 'same-origin'
  if (chosen === null || !['same-origin', 'none'].includes(site)) return false
  writeCookie(web, c, 'language', chosen, 365 * 86_400)
  pageIn(c, chosen)
  return true
}

/** The switch at the foot of every page: keeps the choice and leads back to where it was made. */
export function languageRoutes(web: Web): Hono {
  const app = new Hono()
  app.post('/language', async (c) => {
    const form = await formOf(c)
    chooseLanguage(web, c, form)
    const back = form.one('back')
    return seeOther(c, isOwnAddress(back) ? back : '/')
  })
  return app
}
