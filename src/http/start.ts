import { Hono } from 'hono'
import { z } from 'zod'
import packageJson from '../../package.json' with { type: 'json' }
import { startPage, type HealthState, type StartModel } from './pages/start.ts'
import type { ReadyCheck } from './health.ts'
import { reachability } from './reachable.ts'
import { chatUrlOf, frameFor, send, type Web } from './web.ts'

/** `/`: what is running, how it is, where to go. */
export function startRoutes(
  web: Web,
  options: { checks: Readonly<Record<string, ReadyCheck>>; databaseSays: string },
): Hono {
  const app = new Hono()
  const since = web.clock()
  const reach = reachability(web.clock)
  app.get('/', async (c) => {
    const states = await Promise.all(
      Object.entries(options.checks).map(
        async ([name, check]): Promise<[string, HealthState]> => [
          name,
          await check().then(
            () => 'ok' as const,
            () => 'trouble' as const,
          ),
        ],
      ),
    )
    const state = new Map(states)
    const channels = [...web.channels.values()].map(({ config }) => config)
    const local = channels.find(({ chatUrl }) => chatUrl !== undefined)
    const frame = frameFor(web, c, { csrf: false })
    const { t } = frame
    const parts: StartModel['parts'] = [
      {
        name: t('start.part.database'),
        say: options.databaseSays,
        lang: 'en',
        state: state.get('database') ?? 'ok',
        url: null,
      },
      {
        name: t('start.part.log'),
        say: web.tlog.origin,
        state: state.get('log') ?? 'ok',
        url: '/log/checkpoint',
      },
      ...(await Promise.all(
        [...web.channels.values()].map(async ({ config, messenger }) => ({
          name: config.name,
          say: 'Messenger',
          state: await reach(`channel ${config.account}`, () =>
            messenger.graph.call({ method: 'GET', path: 'me', query: { fields: 'id' } }, z.unknown()),
          ),
          url: chatUrlOf(config),
        })),
      )),
      ...(await Promise.all(
        [...web.institutions.values()].map(async (institution) => ({
          name: institution.name,
          say: institution.standard === 'fdx' ? 'FDX v6' : 'UK Open Banking v4',
          state: await reach(`bank ${institution.id}`, (signal) =>
            fetch(`${institution.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
              signal,
              redirect: 'error',
            }),
          ),
          url: new URL(institution.issuer).origin,
        })),
      )),
    ]
    return send(
      web,
      c,
      startPage({
        // An operator's page: the machine's own time.
        frame: { ...frame, bank: null, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone },
        version: packageJson.version,
        since,
        health: parts.every((part) => part.state === 'ok') ? 'ok' : 'trouble',
        parts,
        // What to try leads into a chat whose address is set, as it is in a box of one's own.
        tries: local?.chatUrl
          ? (['link', 'forward', 'take-back'] as const).map((id) => ({
              id,
              url: id === 'take-back' ? '/me' : (local.chatUrl ?? '/'),
            }))
          : [],
        docs: [
          { id: 'log', url: '/log/checkpoint' },
          { id: 'metrics', url: '/metrics' },
        ],
        logs: t('start.logs.say'),
      }),
    )
  })
  return app
}
