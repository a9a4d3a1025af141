import type { IncomingMessage, ServerResponse } from 'node:http'
import { bankEvents } from './bank-events.ts'
import type { Delivery } from './delivery.ts'
import type { Counters, Hello, LiveEvent, Seen, Situation } from './phone/wire.ts'
import { seenView, type Recorder } from './recorder.ts'
import { openThread } from './threads.ts'
import { pageView, personView, publish, threadView } from './views.ts'
import { type World } from './world.ts'

const maxWatchers = 200

export type Live = {
  open(request: IncomingMessage, response: ServerResponse, pageId: string | null, psid: string | null): void
  changed: () => void
  counters(): Counters
  situation(): Situation
  close(): void
}

/** Server-Sent Events for the phone page: first the whole picture of one chat, then what changes, wherever it changes. */
export function createLive(
  world: World,
  deliveries: Map<string, Delivery>,
  recorder: Recorder,
  alerts: readonly string[],
): Live {
  const open = new Set<ServerResponse>()
  const each = function* (): Generator<Delivery> {
    yield* deliveries.values()
  }
  const counters = (): Counters => {
    let [answered, failed, lost, waiting] = [0, 0, 0, 0]
    for (const delivery of each()) {
      answered += delivery.counters.answered
      failed += delivery.counters.failed
      lost += delivery.counters.lost
      waiting += delivery.waiting
    }
    return {
      sends: world.sends,
      refused: world.refusedSends,
      webhooksAnswered: answered,
      webhooksFailed: failed,
      webhooksLost: lost,
      webhooksWaiting: waiting,
    }
  }
  const situation = (): Situation => {
    const app = world.apps.values().next().value
    return {
      outage: world.outage,
      callback: app?.callback ?? 'unverified',
      subscribed: [...world.pages.values()].some((page) => page.subscriptions.size > 0),
      alerts: alerts.slice(-5),
      double: Math.max(0, ...[...each()].map((delivery) => delivery.doublesLeft)),
    }
  }
  recorder.listeners.add((entry) => publish(world, () => ({ kind: 'seen', seen: seenView(entry) })))

  // Counters change with nearly every event: told at most four times a second, and only while somebody watches.
  let pending: NodeJS.Timeout | null = null
  const changed = (): void => {
    if (pending !== null || open.size === 0) return
    pending = setTimeout(() => {
      pending = null
      publish(world, () => ({ kind: 'counters', counters: counters() }))
      publish(world, () => ({ kind: 'situation', situation: situation() }))
    }, 250)
    pending.unref()
  }

  /** This person's calls far back, so that the count of figures is of the whole chat; of all others the newest. */
  const seenFor = (psid: string): Seen[] => {
    const entries = recorder.entries()
    const mine = entries.filter((entry) => entry.psid === psid).slice(-1000)
    const others = entries.filter((entry) => entry.psid !== psid).slice(-100)
    return [...mine, ...others].sort((left, right) => right.seq - left.seq).map(seenView)
  }

  const hello = (pageId: string | null, psid: string | null): Hello => {
    const page = world.pages.get(pageId ?? '') ?? [...world.pages.values()][0]
    if (!page) throw new Error('no page')
    const person = world.people.get(psid ?? '') ?? [...world.people.values()][0]
    const thread = openThread(world, page, person?.psid ?? '1')
    const hooks = [...each()]
      .flatMap((delivery) => delivery.log.newest(80))
      .sort((left, right) => right.seq - left.seq)
    const locale = person?.locale ?? 'default'
    return {
      now: world.clock(),
      people: [...world.people.values()].slice(0, 60).map(personView),
      pages: [...world.pages.values()].map((one) => pageView(world, one, locale)),
      banks: Object.keys(world.options.bankControl ?? {}),
      bankEvents,
      thread: threadView(world, thread),
      messages: thread.messages,
      previews: [...world.pages.values()].flatMap((one) => {
        const last = one.threads.get(thread.psid)?.messages.findLast((message) => message.from !== 'notice')
        return last ? [{ pageId: one.id, message: last }] : []
      }),
      seen: seenFor(thread.psid),
      hooks: hooks.slice(0, 100),
      counters: counters(),
      situation: situation(),
    }
  }

  return {
    open: (request, response, pageId, psid) => {
      if (open.size >= maxWatchers) {
        response.writeHead(503, { 'retry-after': '5' })
        response.end()
        return
      }
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      const write = (name: string, value: unknown): void => {
        // A reader that does not read is dropped; its page comes back and starts from the whole picture.
        if (response.writableLength > 4_000_000) response.destroy()
        else response.write(`event: ${name}\ndata: ${JSON.stringify(value)}\n\n`)
      }
      const watcher = (event: LiveEvent): void => {
        write('live', event)
        if (event.kind === 'seen' || event.kind === 'hook') changed()
      }
      write('hello', hello(pageId, psid))
      world.watchers.add(watcher)
      open.add(response)
      const beat = setInterval(() => response.write(': still here\n\n'), 20_000)
      beat.unref()
      request.on('close', () => {
        clearInterval(beat)
        world.watchers.delete(watcher)
        open.delete(response)
      })
    },
    changed,
    counters,
    situation,
    close: () => {
      if (pending) clearTimeout(pending)
      for (const response of open) response.destroy()
      open.clear()
    },
  }
}
