import { mount } from '../../../examples/react/mount.tsx'
import { expose } from './exposed-page.ts'

expose(mount)
