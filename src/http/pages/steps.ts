import { attr, type Html, html } from '../kit/html.ts'
import type { Words } from '../kit/words.ts'

const names = ['bank', 'login', 'agree', 'done'] as const

/** Where in the four steps of linking the customer is (1 to 4). */
export const steps = (t: Words, current: 1 | 2 | 3 | 4): Html =>
  html`<nav aria-label="${t('steps.label')}"><ol class="steps">${names.map(
    (name, i) =>
      html`<li${attr('aria-current', i + 1 === current && 'step')}${attr('class', i + 1 < current && 'past')}><span>${t(`steps.${name}`)}</span></li>`,
  )}</ol></nav>`
