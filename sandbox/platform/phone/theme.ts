/** Before anything is drawn: the reader's last choice of light or dark, else the system's. */
const chosen = localStorage.getItem('sandbox-theme')
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset['theme'] = chosen
