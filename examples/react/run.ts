// A page in React with sign-in, a guarded page, expiry, and sign-out in all tabs.
// Run it with `npx tsx examples/react/run.ts`; it needs no network. `--port 8080` for a port of your choice.
import { runPage } from '../pages/run-page.ts'

await runPage('React', new URL('./main.ts', import.meta.url))
