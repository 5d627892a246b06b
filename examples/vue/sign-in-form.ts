import { defineComponent, reactive, ref } from 'vue'
import { whyNot } from '../pages/shop.ts'
import { useShop } from './use-shop.ts'

/** Asks who is there. When the sign-in has worked the session says so, and the guard shows something else. */
export const SignInForm = defineComponent({
  props: { hint: { type: String, default: '' } },
  setup: () => {
    const shop = useShop()
    const form = reactive({ user: '', password: '' })
    const problem = ref('')
    const pending = ref(false)
    const signIn = async () => {
      if (pending.value) return
      pending.value = true
      try {
        await shop.signIn(form.user, form.password)
      } catch (error) {
        problem.value = whyNot(error)
      } finally {
        pending.value = false
      }
    }
    return { form, problem, pending, signIn }
  },
  template: `
    <form aria-label="Sign in" @submit.prevent="signIn">
      <p v-if="problem || hint" role="alert">{{ problem || hint }}</p>
      <label>Name <input v-model="form.user" name="user" autocomplete="username" required></label>
      <label>Password <input v-model="form.password" name="password" type="password" autocomplete="current-password" required></label>
      <button type="submit" :disabled="pending">Sign in</button>
    </form>`,
})
