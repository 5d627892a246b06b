import { defineComponent, ref } from 'vue'
import { useOrder } from './use-order.ts'
import { useShop } from './use-shop.ts'

const OrderLine = defineComponent({
  props: { id: { type: String, required: true }, asked: { type: Number, required: true } },
  setup: (props) => ({ order: useOrder(useShop(), props.id, () => props.asked) }),
  template: `
    <li v-if="order === 'failed'">This order cannot be shown now.</li>
    <li v-else><template v-if="order"><a :href="'/orders/' + id">{{ order.item }}</a> for {{ order.buyer }}</template></li>`,
})

/** The orders of whoever is signed in; each is a request of its own. */
export const Orders = defineComponent({
  components: { OrderLine },
  setup: () => ({ ids: ['1', '2', '3', '4', '5'], asked: ref(0) }),
  template: `
    <h1>Your orders</h1>
    <ul><OrderLine v-for="id of ids" :key="id" :id="id" :asked="asked" /></ul>
    <button type="button" @click="asked++">Ask again</button>`,
})

/** One order. */
export const OrderPage = defineComponent({
  props: { id: { type: String, required: true } },
  setup: (props) => ({ order: useOrder(useShop(), props.id, () => 0) }),
  template: `
    <p v-if="order === 'failed'">This order cannot be shown now.</p>
    <template v-else-if="order">
      <h1>Order {{ id }}</h1>
      <p>{{ order.item }} for {{ order.buyer }}</p>
      <a href="/orders">All orders</a>
    </template>`,
})
