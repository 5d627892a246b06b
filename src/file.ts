/**
 * A store in a file, for the processes of one machine. It needs `proper-lockfile`.
 *
 * @module axios-renew/file
 */

export { type FileStoreOptions, fileStore } from './stores/file/file-store.ts'
