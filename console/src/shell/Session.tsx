import { LogOut } from 'lucide-react'

/** Says that a key is in use, and forgets it on request. */
export const Session = ({ signOut }: { signOut: () => void }) => (
  <p className="session">
    <span>Signed in with a key</span>
    <button type="button" className="plain" onClick={signOut}>
      <LogOut className="icon" aria-hidden="true" /> Sign out
    </button>
  </p>
)
