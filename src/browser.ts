export { webStore } from './stores/web/web-store.ts'
