/** A CommonJS program: nothing of it is an ES module, so that nothing can be lent from one. */
const assert = require('node:assert/strict')
const axios = require('axios')
const { attach, createSession, oauth2, AuthError } = require('axios-renew')
const { encryptedStore } = require('axios-renew/encryption')
const { fileStore } = require('axios-renew/file')
const { AuthError: AuthErrorOfFetch } = require('axios-renew/fetch')
const { mercadoPago } = require('axios-renew/providers')
const { fakeAuthServer } = require('axios-renew/testing')
const { runChecks } = require('./checks.cjs')

runChecks({
  'the entries share their errors': () => assert.equal(AuthErrorOfFetch, AuthError),

  'stores and providers can be required': () => {
    for (const value of [encryptedStore, fileStore, mercadoPago]) assert.equal(typeof value, 'function')
  },

  'ten requests that are refused refresh once, before the fake server of the test kit': async () => {
    const auth = fakeAuthServer()
    const baseURL = await auth.listen()
    const { tokenEndpoint, clientId, clientSecret } = auth
    const session = createSession(oauth2({ tokenEndpoint, clientId, clientSecret }))
    await session.signIn(auth.signIn())
    const api = axios.create({ baseURL })
    attach(api, session)
    auth.expire()
    const answers = await Promise.all(Array.from({ length: 10 }, () => api.get(auth.userinfoEndpoint)))
    await auth.close()
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    assert.equal(auth.counters.tokenRequests, 1)
  },
})
