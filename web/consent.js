// Keeps the plain sentence, and the words on the button, true to what is chosen. The page works without it.
const form = document.querySelector('[data-consent]')
const sentences = document.querySelectorAll('[data-sentence]')
const agree = document.querySelector('[data-agree]')
const list = new Intl.ListFormat(document.documentElement.lang, { type: 'conjunction' })

function refresh() {
  const things = [...form.querySelectorAll('.thing')]
  const chosen = (value) => things.filter((thing) => thing.querySelector(':checked')?.value === value)
  const nouns = (some) => list.format(some.map((thing) => thing.dataset.noun))
  const say = chosen('say')
  const mask = chosen('mask')
  const kind =
    say.length > 0 && mask.length > 0 ? 'both' : say.length > 0 ? 'say' : mask.length > 0 ? 'mask' : 'none'
  const aims = new Set([...say, ...mask].map((thing) => thing.dataset.aim))
  const until = form.querySelector('[name=days]:checked')?.dataset.until ?? ''
  for (const sentence of sentences) {
    const words = {
      say: nouns(say),
      mask: nouns(mask),
      aim: list.format(aims),
      until,
      channel: sentence.dataset.channel,
    }
    const parts = sentence.dataset[kind].split(/\[\[(\w+)\]\]/)
    sentence.replaceChildren(
      ...parts.map((part, i) =>
        i % 2 === 0 ? part : Object.assign(document.createElement('b'), { textContent: words[part] }),
      ),
    )
  }
  agree.textContent = JSON.parse(agree.dataset.agree)[say.length + mask.length]
}

form.addEventListener('change', refresh)
// Enter on a choice is not an answer.
form.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.target.matches('input')) event.preventDefault()
})
// A browser that goes back restores choices without telling.
addEventListener('pageshow', refresh)
