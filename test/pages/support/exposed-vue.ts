import { mount } from '../../../examples/vue/mount.ts'
import { expose } from './exposed-page.ts'

expose(mount)
