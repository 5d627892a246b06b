import { inject } from 'vitest'
import { contract } from '../contract/contract.ts'
import { axiosTransport } from '../support/axios-transport.ts'
import { fetchTransport } from '../support/fetch-transport.ts'

const origins = () => inject('origins')

// Chromium streams uploads only over HTTP/2, and shows a page no redirects.
contract(axiosTransport('xhr', { streams: false, guardsCustomHeaders: false, tellsFinalUrl: true }), origins)
contract(fetchTransport({ streams: false, guardsCustomHeaders: false, tellsFinalUrl: true }), origins)
