import { expiring } from './expiring.ts'
import { leaving } from './leaving.ts'
import { signingIn } from './signing-in.ts'
import { describeSite, type Entries } from './support/site.ts'
import { tabs } from './tabs.ts'

/** What a page must do, whatever draws it. */
export function describePage(name: string, entries: Entries): void {
  describeSite(name, entries, (start) => {
    signingIn(start)
    expiring(start)
    tabs(start)
    leaving(start)
  })
}
