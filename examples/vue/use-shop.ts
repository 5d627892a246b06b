import { type InjectionKey, inject } from 'vue'
import type { Shop } from '../pages/shop.ts'

/** Under which the app provides the shop. */
export const SHOP: InjectionKey<Shop> = Symbol('shop')

/** The shop of the page. */
export function useShop(): Shop {
  const shop = inject(SHOP)
  if (!shop) throw new Error('expected an app that provides SHOP')
  return shop
}
