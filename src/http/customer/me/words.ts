import type { Exposure } from '../../../consent/exposure.ts'
import { purposeNames, type Purpose } from '../../../consent/purpose.ts'
import { consentChoices, type ConsentChoice } from '../../pages/consent.ts'

/** Words of addresses and forms, read back into our closed lists. */
export const isPurpose = (text: string | undefined): text is Purpose =>
  purposeNames.some((name) => name === text)
export const isChoice = (text: string | undefined): text is ConsentChoice =>
  consentChoices.some((name) => name === text)
/** The switch position that stands for what a grant holds. */
export const choiceOf = (item: Exposure): ConsentChoice =>
  item === 'say' || item === 'band' ? 'say' : item === 'withhold' ? 'withhold' : 'mask'
