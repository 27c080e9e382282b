import { KeyRound } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { Access } from '../graph/credential'
import type { Outcome } from '../graph/session'
import { Page } from './Page'

const REFUSED = 'The service does not accept this key. Check that it is complete. It may also have expired, or have been revoked.'

const REASONS: Readonly<Record<Exclude<Access, 'open' | 'asked'>, string>> = {
  refused: REFUSED,
  ended: 'The service no longer accepts your key: it has expired, or was revoked. Enter another one.',
}

const FAILURES: Readonly<Record<Exclude<Outcome, 'accepted'>, string>> = {
  refused: REFUSED,
  unfit: 'This is not a key: it has spaces, or characters that no key has. Copy the key again.',
  unreachable: 'The service could not be reached, so the key was not checked. Try again.',
  busy: 'The service could not check the key now. Try again in a minute.',
}

interface Props {
  access: Exclude<Access, 'open'>
  signIn: (key: string) => Promise<Outcome>
}

/** Asks for an API key or a token, and says why the last one was not accepted. */
export function SignIn({ access, signIn }: Props) {
  const [value, setValue] = useState('')
  const [outcome, setOutcome] = useState<Outcome | 'checking'>()
  const input = useRef<HTMLInputElement>(null)
  const isBusy = outcome === 'checking'
  const failure = outcome && outcome !== 'checking' && outcome !== 'accepted' ? FAILURES[outcome] : undefined
  const reason = isBusy ? undefined : (failure ?? (access === 'asked' ? undefined : REASONS[access]))
  useEffect(() => {
    input.current?.focus()
  }, [isBusy])
  const enter = async (event: FormEvent) => {
    event.preventDefault()
    setOutcome('checking')
    setOutcome(await signIn(value))
    setValue('')
  }
  return (
    <Page title="Sign in">
      <form className="card sign-in" onSubmit={(event) => void enter(event)}>
        <h2>
          <KeyRound className="icon" aria-hidden="true" /> This service asks for a key
        </h2>
        <p className="note">
          Enter an API key or a token; the operator of the service gives you one. This page keeps it in memory only, so a reload forgets it. If your company’s sign-in
          led you here, reload the page to sign in there again.
        </p>
        <label className="field">
          <span>API key or token</span>
          <input
            ref={input}
            type="password"
            autoComplete="off"
            required
            aria-invalid={reason ? true : undefined}
            aria-describedby={reason && 'sign-in-reason'}
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        </label>
        {reason && (
          <p id="sign-in-reason" className="failure" role="alert">
            {reason}
          </p>
        )}
        <button type="submit" className="primary" disabled={isBusy}>
          {isBusy ? 'Checking the key' : 'Sign in'}
        </button>
      </form>
    </Page>
  )
}
