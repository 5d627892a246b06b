import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buildSchema, GraphQLError, graphql } from 'graphql'
import { close, listen, readText } from './listen.ts'

/** A running GraphQL API. */
export interface GraphqlApi {
  readonly url: string
  /** Requests, and those of them that were refused. */
  readonly counters: { requests: number; unauthorized: number }
  close(): Promise<void>
}

/** Settings of {@link startGraphqlApi}. */
export interface GraphqlApiOptions {
  /** Whether an access token is good right now. */
  accepts(accessToken: string): Promise<boolean>
  /** How it says no: status 401, or 200 with an error in the body, as many GraphQL servers do. Default `'401'`. */
  refusesWith?: '401' | 'UNAUTHENTICATED'
}

const schema = buildSchema(`
  type Payment { id: ID! status: String! }
  type Query { payment(id: ID!): Payment }
  type Mutation { pay(amount: Int!): Payment }
`)

/** Starts a GraphQL API that gives payments to whoever has a good access token. */
export async function startGraphqlApi({ accepts, refusesWith = '401' }: GraphqlApiOptions): Promise<GraphqlApi> {
  const counters = { requests: 0, unauthorized: 0 }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    counters.requests++
    const { query, variables } = JSON.parse(await readText(request))
    const good = await accepts(request.headers.authorization?.replace(/^Bearer /, '') ?? '')
    if (!good) counters.unauthorized++
    if (!good && refusesWith === '401') {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"token expired"}')
      return
    }
    const give = ({ id = 'new' }: { id?: string }) => {
      if (!good) throw new GraphQLError('token expired', { extensions: { code: 'UNAUTHENTICATED' } })
      return { id, status: 'approved' }
    }
    const result = await graphql({ schema, source: query, variableValues: variables, rootValue: { payment: give, pay: give } })
    response.writeHead(200, { 'content-type': 'application/graphql-response+json' }).end(JSON.stringify(result))
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error))
  })
  const url = await listen(server)
  return { url: `${url}/graphql`, counters, close: () => close(server) }
}
