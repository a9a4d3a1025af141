import { attr, href, html, nothing } from '../kit/html.ts'
import { icon, type IconName } from '../kit/icon.ts'
import { formatsOf, type Frame, heading, page } from '../kit/page.ts'
import { card, facts, notice } from '../kit/parts.ts'

export type HealthState = 'ok' | 'starting' | 'trouble'
export type StartModel = {
  readonly frame: Frame
  readonly version: string
  /** Epoch ms since when the process runs. */
  readonly since: number
  readonly health: HealthState
  /** What is running, each with its state; `say` is one plain line from the part itself (an address, a rate). */
  readonly parts: readonly {
    readonly name: string
    readonly say: string
    /** The language of `say`, where it is not the page's. */
    readonly lang?: string
    readonly state: HealthState
    readonly url: string | null
  }[]
  /** Things to try; empty in production, where the sandbox does not run. */
  readonly tries: readonly { readonly id: 'link' | 'forward' | 'take-back'; readonly url: string }[]
  readonly docs: readonly {
    readonly id: 'start' | 'operate' | 'privacy' | 'api' | 'log' | 'metrics'
    readonly url: string
  }[]
  /** Where the log lines go, as a person would look for them. */
  readonly logs: string
}

const tryIcons: Readonly<Record<StartModel['tries'][number]['id'], IconName>> = {
  link: 'chat',
  forward: 'lock',
  'take-back': 'back',
}

/** `/`: what is running, three things to try, how it is doing, where to read on. */
export function startPage(model: StartModel): string {
  const { frame, health } = model
  const { t } = frame
  const formats = formatsOf(frame)
  return page({
    frame,
    title: t(`start.title.${health}`),
    hero: html`${heading(t(`start.title.${health}`), t('start.lead'))}<p class="seal">${icon(health === 'ok' ? 'check' : health === 'starting' ? 'clock' : 'alert')}<span>${t(`start.health.${health}`)}</span></p>`,
    body: html`${health === 'trouble' ? notice('bad', t('start.trouble')) : nothing}
${
  model.tries.length > 0
    ? html`<section><h2 class="group">${t('start.try', { count: model.tries.length })}</h2><ol class="tries">${model.tries.map(
        (one) =>
          html`<li><a class="card try" href="${href(one.url)}"><span class="badge">${icon(tryIcons[one.id])}</span><b>${t(`start.try.${one.id}`)}</b><span class="soft">${t(`start.try.${one.id}.say`)}</span></a></li>`,
      )}</ol></section>`
    : nothing
}
${card(
  t('start.running'),
  html`<ul class="list">${model.parts.map(
    (part) =>
      html`<li class="line"><span class="dot ${part.state}"></span><span class="grow"><b>${part.name}</b><small${attr('lang', part.lang)}>${part.say}</small></span><span class="soft">${t(`start.state.${part.state}`)}</span>${part.url ? html`<a class="button text" href="${href(part.url)}">${t('start.open')}<span class="unseen"> ${part.name}</span></a>` : nothing}</li>`,
  )}</ul>`,
)}
${card(
  t('start.read'),
  html`<ul class="links">${model.docs.map((doc) => html`<li><a href="${href(doc.url)}">${t(`start.doc.${doc.id}`)}</a></li>`)}</ul>${facts(
    [
      [t('start.logs'), model.logs],
      [t('start.version'), model.version],
      [t('start.since'), formats.capital(formats.moment(model.since))],
    ],
  )}`,
)}<p class="soft"${attr('id', 'about')}>${t('start.about')}</p>`,
  })
}
