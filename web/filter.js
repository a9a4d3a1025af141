// Narrows the list of banks while typing. Without it the form asks the server.
const field = document.querySelector('[data-filter]')
const list = document.getElementById('banks')
const count = document.getElementById('banks-count')
const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

if (list)
  field.addEventListener('input', () => {
    const query = plain(field.value.trim())
    let shown = 0
    for (const item of list.children) {
      item.hidden = !plain(item.textContent).includes(query)
      if (!item.hidden) shown++
    }
    list.hidden = shown === 0
    count.classList.toggle('unseen', shown > 0)
    count.textContent = shown === 0 ? count.dataset.none : String(shown)
  })
