/** After account linking: the window we opened closes itself; where a browser forbids it, the link leads back to the chat. */
const back = document.querySelector<HTMLAnchorElement>('#back')
back?.addEventListener('click', (event) => {
  event.preventDefault()
  window.close()
  // Still here a moment later: this window was not ours to close.
  setTimeout(() => location.assign(back.href), 200)
})
