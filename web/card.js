// Closes the card after a while without a touch, and asks first (WCAG 2.2.1: can be put off as often as wanted).
const dialog = document.getElementById('idle')
const seconds = (name) => Number(dialog.dataset[name])
const left = dialog.querySelector('[data-left]')
const unit = new Intl.NumberFormat(document.documentElement.lang, {
  style: 'unit',
  unit: 'second',
  unitDisplay: 'long',
})
let touched = Date.now()
let told = 0

const close = () => location.replace(dialog.dataset.close)
function tick() {
  // By the clock, not by counting: a phone that slept has not ticked.
  const remaining = Math.ceil(seconds('after') - (Date.now() - touched) / 1000)
  if (remaining <= 0) return close()
  if (remaining > seconds('warn')) return
  if (!dialog.open) dialog.showModal()
  if (remaining !== told) left.textContent = unit.format(remaining)
  told = remaining
}
const touch = () => {
  if (!dialog.open) touched = Date.now()
}
for (const name of ['pointerdown', 'keydown', 'scroll', 'focusin'])
  addEventListener(name, touch, { passive: true })
// Staying counts from the moment it is chosen: by Escape, by the button, or however else the question closed.
for (const name of ['cancel', 'submit', 'close'])
  dialog.addEventListener(name, () => {
    touched = Date.now()
  })
document.addEventListener('visibilitychange', tick)
// A card that comes back out of the browser's memory is asked for again.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload()
})
setInterval(tick, 1000)

// The bank is slow: look again by itself; the server then answers when the bank has.
const again = document.querySelector('[data-reload]')
if (again) setTimeout(() => location.replace(again.href), 300)
