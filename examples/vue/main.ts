import { followLinks } from '../pages/router.ts'
import { createShop } from '../pages/shop.ts'
import { mount } from './mount.ts'

followLinks()
mount(document.querySelector('#app') ?? document.body, createShop())
