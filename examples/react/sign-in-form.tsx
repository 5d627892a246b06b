import { useActionState } from 'react'
import { type Shop, whyNot } from '../pages/shop.ts'

interface Attempt {
  user: string
  problem?: string
}

/** Asks who is there. When the sign-in has worked the session says so, and the guard shows something else. */
export function SignInForm({ shop, hint }: { shop: Shop; hint?: string }) {
  const signIn = async (_: Attempt, form: FormData): Promise<Attempt> => {
    const user = String(form.get('user'))
    try {
      await shop.signIn(user, String(form.get('password')))
      return { user }
    } catch (error) {
      return { user, problem: whyNot(error) }
    }
  }
  const [{ user, problem }, action, pending] = useActionState(signIn, { user: '' })
  const message = problem ?? hint
  return (
    <form action={action} aria-label="Sign in">
      {message && <p role="alert">{message}</p>}
      <label>
        Name <input name="user" defaultValue={user} autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button type="submit" disabled={pending}>
        Sign in
      </button>
    </form>
  )
}
