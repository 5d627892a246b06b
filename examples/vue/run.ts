// A page in Vue with sign-in, a guarded page, expiry, and sign-out in all tabs.
// Run it with `npx tsx examples/vue/run.ts`; it needs no network. `--port 8080` for a port of your choice.
import { runPage } from '../pages/run-page.ts'

await runPage('Vue', new URL('./main.ts', import.meta.url))
