import { describePage } from './describe-page.ts'

describePage('the page in React', {
  main: new URL('../../examples/react/main.ts', import.meta.url),
  exposed: new URL('./support/exposed-react.ts', import.meta.url),
})
