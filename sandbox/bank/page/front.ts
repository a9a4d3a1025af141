import { decimalText } from '../../../src/core/money.ts'
import type { Control, ControlAct } from '../control.ts'
import { controlShapes } from '../control.ts'
import type { Institution } from '../institution.ts'
import { framePage } from './frame.ts'
import { html } from './html.ts'

const acts: readonly (readonly [label: string, act: ControlAct, fields: Readonly<Record<string, string>>])[] =
  [
    ['Slow (3 s)', 'fault', { kind: 'slow', ms: '3000' }],
    ['Next call: 429', 'fault', { kind: 'rate-limit', times: '1', retryAfterSeconds: '2' }],
    ['Next call: 500', 'fault', { kind: 'error', times: '1' }],
    ['Maintenance (503)', 'fault', { kind: 'maintenance' }],
    ['Next call: expired', 'fault', { kind: 'expired', times: '1' }],
    ['Next call: dropped', 'fault', { kind: 'drop', times: '1' }],
    ['Next call: partial (206)', 'fault', { kind: 'partial', times: '1' }],
    ['Clear all faults', 'clear-faults', {}],
    ['Expire all links', 'expire-consents', {}],
    ['Reset this bank', 'reset', {}],
  ]

const buttons = (list: typeof acts) =>
  html`<div class="faults">${list.map(
    ([label, act, fields]) =>
      html`<form method="post" action="/sandbox/${act}">${Object.entries(fields).map(
        ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
      )}<button class="plain" type="submit">${label}</button></form>`,
  )}</div>`

/** The bank's start page: who it is, who banks here, how to make it do things. */
export function frontPage(
  institution: Institution,
  origin: string,
  control: Control,
  note: { readonly done: string | null; readonly refused: string | null },
): string {
  const { currency, habits } = institution
  const locale = institution.country === 'GB' ? 'en-GB' : 'en-US'
  const money = (minor: number): string =>
    new Intl.NumberFormat(locale, { style: 'currency', currency }).format(
      decimalText({ amountMinor: minor, currency }) as Intl.StringNumericLiteral,
    )
  const known = (act: string | null) => act !== null && Object.hasOwn(controlShapes, act)
  const api = institution.standard === 'fdx' ? '/fdx/v6' : '/open-banking/v4.0/aisp'
  const faults = control.faults()
  const oddities = [
    habits.signedAmounts && 'Amounts are signed and debitCreditMemo is missing.',
    habits.paging === 'offset' && 'Lists page by offset and nextOffset.',
    habits.errorCodes === 'string' && 'Error codes are strings.',
    habits.wrappedAccounts && 'Each account sits in a wrapper: depositAccount or locAccount.',
    habits.resourceNonce && 'The API asks for its own nonce in DPoP proofs.',
  ].filter((one) => one !== false)

  return framePage({
    institution,
    language: 'en',
    title: 'Sandbox',
    otherLanguage: null,
    wide: true,
    body: html`
<h1>${institution.name}, a sandbox bank</h1>
<p>A fictional ${institution.country === 'US' ? 'American' : institution.country === 'CA' ? 'Canadian' : 'British'} bank that speaks ${
      institution.standard === 'fdx' ? 'FDX v6' : 'UK Open Banking v4'
    } behind a FAPI 2.0 authorization server. Nothing here is real: not the people, not the money.</p>
${known(note.done) && html`<p class="note" role="status">✓ Done: ${note.done}</p>`}
${known(note.refused) && html`<p class="wrong" role="alert"><b>That was refused: ${note.refused}.</b> The account may be frozen, or not exist here.</p>`}
${faults.length > 0 && html`<p class="note" role="status"><b>Faults now on:</b> ${faults.map((fault) => `${fault.kind}${fault.left === null ? '' : ` (${fault.left} left)`}`).join(', ')}</p>`}

<section class="card"><h2>Who banks here</h2>
${control.people().map(
  (
    one,
  ) => html`<table><caption class="small quiet"><b>${one.name}</b>, signs in as <code>${one.username}</code> with <code>${one.password}</code></caption>
<thead><tr><th scope="col">Account</th><th scope="col" class="money">Booked</th><th scope="col" class="money">Available</th></tr></thead>
<tbody>${one.accounts.map(
    (account) =>
      html`<tr><th scope="row">${account.nickname} <span class="four quiet">··${account.lastFour}</span>${
        account.frozen && html` <span class="quiet">(frozen)</span>`
      }</th><td class="money">${money(account.postedMinor)}</td><td class="money">${money(account.availableMinor)}${
        account.pendingCount > 0 && html`<br><span class="quiet small">${account.pendingCount} pending</span>`
      }</td></tr>`,
  )}</tbody></table>
${buttons([
  [
    'Buy something',
    'purchase',
    { person: one.person, amount: '23.40', merchant: 'Corner Deli', mcc: '5812' },
  ],
  ['Pay the salary', 'salary', { person: one.person }],
  ['Suspicious payment', 'suspicious', { person: one.person }],
])}`,
)}</section>

<section class="card"><h2>Make trouble</h2>
<p class="quiet small">Faults hit the API. With <code>area</code> they hit the login and token endpoints too.</p>
${buttons(acts)}</section>

<section class="card"><h2>From a terminal</h2>
<pre>curl ${origin}/sandbox/people
curl ${origin}/sandbox/purchase \\
  -H 'content-type: application/json' \\
  -d '{"person":"${control.people()[0]?.person ?? 'ana'}","amount":"12.50","merchant":"Corner Market"}'
curl ${origin}/sandbox/fault \\
  -H 'content-type: application/json' \\
  -d '{"kind":"slow","ms":5000,"times":3}'
curl ${origin}/sandbox/clear-faults \\
  -H 'content-type: application/json' -d '{}'</pre></section>

<section class="card"><h2>For builders</h2>
<ul class="list"><li><a href="/.well-known/openid-configuration">Discovery document</a> and <a href="/jwks">signing keys</a></li>
<li>API at <code>${origin}${api}</code>${
      institution.standard === 'fdx' &&
      html`, <a href="/fdx/v6/capability">capability</a>, <a href="/fdx/v6/availability">availability</a>`
    }</li>
${oddities.map((odd) => html`<li>${odd}</li>`)}</ul></section>`,
  })
}
