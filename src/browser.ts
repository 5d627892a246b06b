/**
 * A store for pages: IndexedDB, shared by all tabs.
 *
 * @module axios-renew/browser
 */

export { webStore } from './stores/web/web-store.ts'
