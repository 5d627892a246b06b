import { defineComponent, onMounted, ref } from 'vue'
import { SignInForm } from './sign-in-form.ts'
import { useSession } from './use-session.ts'
import { useShop } from './use-shop.ts'

/** Nothing, for the moment until it is known who is signed in; unless that cannot be found out. */
const Opening = defineComponent({
  setup: () => {
    const { session } = useShop()
    const failed = ref(false)
    const look = async () => {
      failed.value = false
      await session.getTokens().catch(() => (failed.value = true))
    }
    onMounted(look)
    return { failed, look }
  },
  template: `
    <p v-if="failed" role="alert">
      This browser does not say who is signed in.
      <button type="button" @click="look">Try again</button>
    </p>`,
})

/**
 * Shows what only those may see who are signed in. It leads nowhere else: the form appears at the address that was
 * asked for, and so does what was asked for, once somebody has signed in.
 */
export const Guard = defineComponent({
  components: { Opening, SignInForm },
  setup: () => ({ snapshot: useSession(useShop().session) }),
  template: `
    <Opening v-if="snapshot.status === 'unknown'" />
    <slot v-else-if="snapshot.status === 'active'" />
    <SignInForm v-else :hint="snapshot.status === 'ended' ? 'Your session has ended. Please sign in again.' : ''" />`,
})
