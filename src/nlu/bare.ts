/** Lower case, without accents and signs, one space between words: how fixed words are written in lists. */
export const bare = (text: string): string =>
  text
    .slice(0, 400)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[’'`´]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
