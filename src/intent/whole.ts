/** Small words that may stand before or behind the few that mean something. */
export const lead =
  '(?:(?:and|so|ok|okay|y|pues|pero|entonces|et|pis|puis|mais|but|oui|yes|si|no|non|nope|then|bon|ben|oh|ah|wait|sorry|perdon|pardon|please|porfa|por favor|svp)\\W+)*'
const tail =
  '(?:\\W+(?:please|pls|por favor|porfa|svp|stp|soon|pronto|bientot|then|there|entonces|alors|exactly|exactamente|exactement|in all|in total|en total|en tout|altogether|together|juntos|ensemble|ca|la|donc|now|ya|all|todos|todas|tous|toutes|again|otra vez|encore))*\\W*'

/** One of these phrases (folded, as patterns) as a whole message, with small words around it. */
export const whole = (...of: readonly string[]): RegExp =>
  new RegExp(`^\\W*${lead}(?:${of.join('|')})${tail}$`, 'i')
