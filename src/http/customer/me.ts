import { Hono } from 'hono'
import type { Web } from '../web.ts'
import { allowedRoutes } from './me/allowed.ts'
import { dataRoutes } from './me/data.ts'
import { eraseRoutes } from './me/erase.ts'
import { leftRoutes } from './me/left.ts'
import { takeBackRoutes } from './me/take-back.ts'
import { openVisitors } from './me/visitor.ts'

/** My permissions: what is allowed, what left, my data. Everything here needs a signed-in customer. */
export function meRoutes(web: Web): Hono {
  const app = new Hono()
  const visitors = openVisitors(web)
  for (const routes of [allowedRoutes, takeBackRoutes, leftRoutes, dataRoutes, eraseRoutes])
    app.route('/', routes(web, visitors))
  return app
}
