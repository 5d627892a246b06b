import { useState } from 'react'
import type { Shop } from '../pages/shop.ts'
import { useOrder } from './use-order.ts'

const IDS = ['1', '2', '3', '4', '5']

/** The orders of whoever is signed in; each is a request of its own. */
export function Orders({ shop }: { shop: Shop }) {
  const [asked, setAsked] = useState(0)
  return (
    <>
      <h1>Your orders</h1>
      <ul>
        {IDS.map((id) => (
          <OrderLine key={id} shop={shop} id={id} asked={asked} />
        ))}
      </ul>
      <button type="button" onClick={() => setAsked(asked + 1)}>
        Ask again
      </button>
    </>
  )
}

function OrderLine({ shop, id, asked }: { shop: Shop; id: string; asked: number }) {
  const order = useOrder(shop, id, asked)
  if (order === 'failed') return <li>This order cannot be shown now.</li>
  return (
    <li>
      {order && (
        <>
          <a href={`/orders/${id}`}>{order.item}</a> for {order.buyer}
        </>
      )}
    </li>
  )
}

/** One order. */
export function OrderPage({ shop, id }: { shop: Shop; id: string }) {
  const order = useOrder(shop, id, 0)
  if (order === 'failed') return <p>This order cannot be shown now.</p>
  if (!order) return null
  return (
    <>
      <h1>Order {id}</h1>
      <p>
        {order.item} for {order.buyer}
      </p>
      <a href="/orders">All orders</a>
    </>
  )
}
