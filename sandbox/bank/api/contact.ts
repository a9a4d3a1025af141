import type { Person } from '../../people/people.ts'
import type { Institution } from '../institution.ts'

const homes: Readonly<
  Record<string, { line1: string; city: string; region: string; postalCode: string; country: string }>
> = {
  ana: { line1: '14 Quay Street', city: 'Newhaven Bay', region: 'MA', postalCode: '02199', country: 'US' },
  ben: { line1: '220 Wabash Row', city: 'Prairie City', region: 'IL', postalCode: '60699', country: 'US' },
  chloe: { line1: '815, rue Laurier', city: 'Montréal', region: 'QC', postalCode: 'H2J 9Z9', country: 'CA' },
  davina: {
    line1: '3 Mill Lane',
    city: 'Leeds',
    region: 'West Yorkshire',
    postalCode: 'LS99 9ZZ',
    country: 'GB',
  },
  elena: {
    line1: '77 Jacaranda Court',
    city: 'Valle Verde',
    region: 'AZ',
    postalCode: '85099',
    country: 'US',
  },
}

/** Where a sandbox person can be reached. Numbers are of the ranges set aside for fiction. */
export function addressOf(person: Person, institution: Institution) {
  const uk = institution.country === 'GB'
  const home = homes[person.key]
  return {
    emails: [`${person.key}@people.example`],
    addresses: home ? [{ type: 'HOME', primary: true, ...home }] : [],
    telephones: [
      uk
        ? { type: 'PERSONAL', country: '44', number: '7700900123', network: 'CELLULAR' }
        : { type: 'PERSONAL', country: '1', number: '5555550123', network: 'CELLULAR' },
    ],
    dateOfBirth: '1991-05-17',
  }
}
