import { CombinedGraphQLErrors, ServerError } from '@apollo/client'

export interface Failure {
  readonly message: string
  readonly code: string | undefined
}

/** The distinct failures of an operation, as sentences. With `field`, only those below that field. */
export function failures(error: Error | undefined, field?: string): Failure[] {
  if (!error) return []
  if (!CombinedGraphQLErrors.is(error)) return [withoutAnswer(error)]
  const found = error.errors.filter(({ path }) => !field || !path || path.length === 1 || path.includes(field))
  const said = found.map(({ message, extensions }) => ({ message, code: extensions?.['code'] as string | undefined }))
  return [...new Map(said.map((failure) => [failure.message, failure])).values()]
}

function withoutAnswer(error: Error): Failure {
  const isRefused = ServerError.is(error) && error.statusCode === 401
  if (isRefused) return { message: 'The service wants an API key or a token.', code: 'UNAUTHENTICATED' }
  return { message: 'The service could not be reached.', code: undefined }
}
