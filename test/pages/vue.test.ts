import { describePage } from './describe-page.ts'

describePage('the page in Vue', {
  main: new URL('../../examples/vue/main.ts', import.meta.url),
  exposed: new URL('./support/exposed-vue.ts', import.meta.url),
})
