import { computed, defineComponent, onScopeDispose, ref } from 'vue'
import { currentPath, onPath } from '../pages/router.ts'
import { Guard } from './guard.ts'
import { OrderPage, Orders } from './orders.ts'
import { useSession } from './use-session.ts'
import { useShop } from './use-shop.ts'

const Header = defineComponent({
  setup: () => {
    const { session } = useShop()
    // It takes effect at once, and what could not be written is tried again.
    const signOut = () => session.signOut().catch(() => {})
    return { snapshot: useSession(session), signOut }
  },
  template: `
    <header>
      <nav><a href="/">The shop</a> <a href="/orders">Your orders</a></nav>
      <button v-if="snapshot.status === 'active'" type="button" @click="signOut">Sign out</button>
    </header>`,
})

const Welcome = defineComponent({
  template: `
    <h1>Welcome</h1>
    <p>Everybody may read this. <a href="/orders">Your orders</a> are for you alone.</p>`,
})

/** The whole page. On a server, `path` says which. */
export const App = defineComponent({
  components: { Guard, OrderPage, Orders, PageHeader: Header, Welcome },
  props: { path: { type: String, default: '' } },
  setup: (props) => {
    const path = ref(props.path || currentPath())
    if (!props.path) onScopeDispose(onPath(() => (path.value = currentPath())))
    const parts = computed(() => path.value.split('/'))
    return { section: computed(() => parts.value[1]), id: computed(() => parts.value[2]) }
  },
  template: `
    <PageHeader />
    <main>
      <Guard v-if="section === 'orders'">
        <OrderPage v-if="id" :key="id" :id="id" />
        <Orders v-else />
      </Guard>
      <Welcome v-else />
    </main>`,
})
