import { attr, type Html, html, nothing } from '../kit/html.ts'
import { icon } from '../kit/icon.ts'
import { formatsOf, type Frame } from '../kit/page.ts'
import { button, disclosure, field, radioSwitch } from '../kit/parts.ts'

/** What can be searched by. All as typed, so that an error keeps it: amounts are decimals, dates YYYY-MM-DD. */
export const searchNames = ['q', 'min', 'max', 'from', 'to', 'direction'] as const
/** What a question from the chat may add to it: these are not typed, only dropped. */
export const askedNames = ['category', 'counted', 'account', 'state'] as const
/** Payments that count as what was asked about, as the chat counts them. */
export const countedNames = ['spending', 'income', 'pay', 'refunds'] as const
const names = ['counted', 'category', 'account', ...searchNames, 'state'] as const
export type SearchName = (typeof searchNames)[number] | (typeof askedNames)[number]
export type CardSearch = {
  /** The card's own address without a query; the form sends GET to it. */
  readonly actionUrl: string
  readonly values: Readonly<Partial<Record<SearchName, string>>>
  readonly wrong: Readonly<
    Partial<Record<'min' | 'max' | 'from' | 'to', 'not-an-amount' | 'not-a-date' | 'turned-around'>>
  >
  /** Nobody has searched yet: these values are the question from the chat. */
  readonly asAsked: boolean
  /** What the accounts that were asked about are called; null where it is all of them. */
  readonly accounts: string | null
}

/** Is anything searched for? */
export const searching = ({ values }: CardSearch): boolean =>
  names.some((name) => (values[name] ?? '') !== '')

/** The address of a search. Never without a query: the bare address opens the card as it was asked for. */
export const searchUrl = (
  actionUrl: string,
  values: CardSearch['values'],
  more: Readonly<Record<string, string>> = {},
): string => {
  const given = Object.entries(values).filter(([, value]) => value !== '')
  return `${actionUrl}?${new URLSearchParams([...(given.length > 0 ? given : [['q', '']]), ...Object.entries(more)] as [string, string][])}`
}

/** What is searched for now, each with a way to drop it. */
function chips(frame: Frame, search: CardSearch): Html {
  const { t } = frame
  const active = names.flatMap((name) => {
    const value = search.values[name] ?? ''
    // What was not understood searches for nothing.
    return value === '' || Object.hasOwn(search.wrong, name) ? [] : [{ name, value }]
  })
  if (active.length === 0) return nothing
  return html`<ul class="chips" aria-label="${t('search.active')}">${active.map(({ name, value }) => {
    const rest = Object.fromEntries(
      active.filter((one) => one.name !== name).map((one) => [one.name, one.value]),
    )
    return html`<li><a href="${searchUrl(search.actionUrl, rest)}"><span>${chipText(frame, search, name, value)}</span><span aria-hidden="true">×</span><span class="unseen">${t('search.drop')}</span></a></li>`
  })}<li><a class="plain" href="${searchUrl(search.actionUrl, {})}">${t('search.clear')}</a></li></ul>`
}

function chipText(frame: Frame, search: CardSearch, name: SearchName, value: string): string {
  const { t } = frame
  switch (name) {
    case 'direction':
      return t(value === 'in' ? 'search.in' : 'search.out')
    case 'category':
      return t(`category.${value}`)
    case 'counted':
      return t(`search.counted.${value}`)
    case 'account':
      return search.accounts ?? t('payment.account')
    case 'state':
      return t(value === 'pending' ? 'payment.pending' : 'payment.posted')
    case 'from':
    case 'to':
      return t(`search.chip.${name}`, { value: formatsOf(frame).calendarDate(value) })
    default:
      return t(`search.chip.${name}`, { value: value.slice(0, 40) })
  }
}

/** Search as a plain GET form: folded away until used, open while in use or when something typed was not understood. */
export function searchForm(frame: Frame, search: CardSearch): Html {
  const { t } = frame
  const { values, wrong } = search
  const value = (name: SearchName): string => values[name] ?? ''
  const error = (name: 'min' | 'max' | 'from' | 'to'): { error?: string } => {
    const kind = wrong[name]
    return kind ? { error: t(`search.wrong.${kind}`) } : {}
  }
  const form = html`<form method="get" action="${search.actionUrl}" role="search"${attr('aria-label', t('search.title'))}>${askedNames.map((name) => value(name) !== '' && html`<input type="hidden" name="${name}" value="${value(name)}">`)}
${field({ name: 'q', label: t('search.q'), value: value('q'), type: 'search', maxlength: 60 })}
<div class="two">${field({ name: 'min', label: t('search.min'), value: value('min'), inputmode: 'decimal', maxlength: 16, ...error('min') })}${field({ name: 'max', label: t('search.max'), value: value('max'), inputmode: 'decimal', maxlength: 16, ...error('max') })}</div>
<div class="two">${field({ name: 'from', label: t('search.from'), value: value('from'), type: 'date', ...error('from') })}${field({ name: 'to', label: t('search.to'), value: value('to'), type: 'date', ...error('to') })}</div>
<p class="label" id="direction">${t('search.direction')}</p>${radioSwitch({
    name: 'direction',
    labelledBy: 'direction',
    choices: (['', 'out', 'in'] as const).map((way) => ({
      value: way,
      label: t(way === '' ? 'search.either' : `search.${way}`),
      checked: value('direction') === way,
    })),
  })}<p>${button(t('search.do'), { icon: 'search' })}</p></form>`
  return html`${disclosure(html`${icon('search')}<span class="grow">${t('search.title')}</span>`, form, {
    open: Object.keys(wrong).length > 0,
    look: 'searchbox',
  })}${chips(frame, search)}`
}
