import type { Grant } from './grant.ts'
import type { GrantView } from './grant-view.ts'

const views = new WeakMap<Grant, GrantView>()

/** A stored grant as the gate reads it. Made once a grant object: a changed grant is another object. */
export function viewOf(grant: Grant): GrantView {
  let view = views.get(grant)
  if (!view) {
    const { body } = grant
    view = {
      grantId: grant.grantId,
      version: grant.version,
      state: grant.state,
      channel: body.channel,
      institution: body.institution,
      validUntil: grant.validUntil,
      accounts: body.accounts === 'all' ? 'all' : new Set(body.accounts),
      items: body.items,
    }
    views.set(grant, view)
  }
  return view
}
