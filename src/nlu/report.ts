import { perClass, qualityOf, type Judged } from './quality.ts'

/** Rows beyond these say little more and make the page slow. */
const mostPairs = 60
const mostSentences = 8

/**
 * A page for the person who looks after a bank's sentences: what is taken for what, with the sentences and the learnt
 * example each was nearest to, and how every class does. One file, no script, nothing fetched.
 */
export function reportPage(judged: readonly Judged[], title: string): string {
  const quality = qualityOf(judged)
  const wrong = judged.filter(({ example, verdict }) => verdict.guesses[0]?.label !== example.label)
  const pairs = new Map<string, Judged[]>()
  for (const one of wrong) {
    const key = `${one.example.label}\n${one.verdict.guesses[0]?.label ?? ''}`
    pairs.set(key, [...(pairs.get(key) ?? []), one])
  }
  const worst = [...pairs].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`
  const figures = [
    ['Sentences judged', String(judged.length)],
    ['Right', percent(quality.accuracy)],
    ['Right among the best three', percent(quality.top3)],
    ['Macro-F1', percent(quality.macroF1)],
    ['Calibration error', percent(quality.ece)],
  ]
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}: what is confused with what</title>
<style>${style}</style>
<main>
<h1>What is confused with what</h1>
<p class="of">${escape(title)}</p>
<dl>${figures.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>
<h2 id="pairs">Most confused pairs</h2>
<p>A sentence of the first class was taken for the second. If the sentence is right where it was put, move it; if two classes mean the same to a customer, make them one; else add examples like it to the first.</p>
${
  worst.length === 0
    ? '<p>Nothing was confused.</p>'
    : worst
        .slice(0, mostPairs)
        .map(([, ones]) => pairBlock(ones))
        .join('\n')
}
${worst.length > mostPairs ? `<p>And ${worst.length - mostPairs} more pairs, of ${worst[mostPairs]![1].length} or fewer each.</p>` : ''}
<h2 id="classes">Every class</h2>
<div class="wide" tabindex="0" role="region" aria-labelledby="classes">
<table>
<caption>Worst first. Precision: of what was said to be this class, the share that is. Recall: of what is this class, the share that was found.</caption>
<thead><tr><th scope="col">Class</th><th scope="col">Sentences</th><th scope="col">Precision</th><th scope="col">Recall</th><th scope="col">F1</th></tr></thead>
<tbody>
${perClass(judged)
  .sort((a, b) => a.f1 - b.f1)
  .map(
    (row) =>
      `<tr><th scope="row">${escape(row.label)}</th><td>${row.true}</td>${[row.precision, row.recall, row.f1].map((value) => `<td><meter min="0" max="1" value="${value.toFixed(3)}" aria-hidden="true"></meter> ${percent(value)}</td>`).join('')}</tr>`,
  )
  .join('\n')}
</tbody>
</table>
</div>
</main>
</html>
`
}

function pairBlock(ones: readonly Judged[]): string {
  const [first] = ones
  const name = `${escape(first!.example.label)} <span aria-hidden="true">→</span><span class="away"> taken for </span> ${escape(first!.verdict.guesses[0]?.label ?? 'nothing')}`
  const rows = ones
    .slice(0, mostSentences)
    .map(
      ({ example, verdict }) =>
        `<tr><td>${escape(example.text)}</td><td>${((verdict.guesses[0]?.p ?? 0) * 100).toFixed(0)} %</td><td>${verdict.nearest ? `${escape(verdict.nearest.text)} <small>${escape(verdict.nearest.label)}</small>` : ''}</td></tr>`,
    )
    .join('\n')
  const more = ones.length > mostSentences ? `<p>And ${ones.length - mostSentences} more.</p>` : ''
  return `<details${ones.length > 1 ? ' open' : ''}><summary><b>${ones.length}</b> ${name}</summary>
<div class="wide"><table><thead><tr><th scope="col">Sentence</th><th scope="col">Confidence</th><th scope="col">Nearest learnt example</th></tr></thead>
<tbody>
${rows}
</tbody></table></div>${more}</details>`
}

const escape = (text: string): string =>
  text
    .toWellFormed()
    .slice(0, 500)
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const style = `
:root { color-scheme: light dark; --ink: light-dark(#1d2430, #e8eaf0); --soft: light-dark(#596273, #a5adbd); --line: light-dark(#d9dee7, #353c4a); --paper: light-dark(#fbfbfd, #14171d); --card: light-dark(#fff, #1b1f27); --mark: light-dark(#1f5fbf, #8ab8ff) }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 4rem }
h1 { margin: 0; font-size: 1.75rem; letter-spacing: -0.01em } h2 { margin: 2.5rem 0 .5rem; font-size: 1.25rem }
.of, caption, small { color: var(--soft) } caption { text-align: start; padding-block: .5rem }
p { max-width: 44rem }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1.5rem 0 0 }
dl div, details { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .75rem 1rem }
dt { color: var(--soft); font-size: .875rem } dd { margin: 0; font-size: 1.35rem; font-variant-numeric: tabular-nums }
details { margin-top: .6rem } summary { cursor: pointer; overflow-wrap: anywhere } summary b { display: inline-block; min-width: 1.75rem; color: var(--mark); font-variant-numeric: tabular-nums }
summary:focus-visible, .wide:focus-visible { outline: 2px solid var(--mark); outline-offset: 3px }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100%; margin-top: .5rem }
th, td { text-align: start; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line) }
thead th { color: var(--soft); font-weight: 600; font-size: .875rem } tbody th { font-weight: 500 }
td { font-variant-numeric: tabular-nums } small { display: block } meter { width: 4rem; vertical-align: middle }
.away { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
@media print { details { break-inside: avoid } }
`
