import { graphql, unmask, type FragmentType } from '../../gql'
import type { InvoiceProjectFragment } from '../../gql/graphql'
import { hrefOf } from '../../lib/address'
import { counted, written } from '../../lib/money'
import { Amount } from '../../ui/Amount'
import { Badge } from '../../ui/Badge'
import { Link } from '../../ui/Link'
import { Section } from '../../ui/Section'
import { Table, type Column } from '../../ui/Table'
import { type Check, differing, Figure, readChecks } from './check'
import type { Contents } from './useContents'

const ProjectFragment = graphql(`
  fragment InvoiceProject on ProjectCharge {
    name
    project {
      id
    }
    cost {
      ...Amount
    }
    usage {
      product
      used {
        amount
        unit
      }
      unitPrice {
        amount
        currency
      }
    }
  }
`)

type Charge = InvoiceProjectFragment & { readonly place: number }

interface Props {
  projects: readonly FragmentType<typeof ProjectFragment>[]
  contents: Contents
}

/** The cost by project: a second view of the same money as the line items. */
export function Projects({ projects, contents }: Props) {
  const charges = unmask(ProjectFragment, projects).map((charge, place) => ({ ...charge, place }))
  const checks = readChecks(contents)
  const total = checks.find(({ code }) => code === 'PROJECTS_TOTAL')
  const sum = total?.actual && ['Sum of the projects', null, <Figure key="sum" value={total.actual} check={total} />]
  return (
    <Section title="Projects" note="The same money as the line items, split by project. Do not add the two.">
      {charges.length === 0 ? (
        <p className="unknown">The invoice charges no project.</p>
      ) : (
        <Table
          caption="Projects"
          columns={columnsOf(new Set(differing(checks).map(({ subject }: Check) => subject)))}
          rows={charges}
          rowKey={({ place }) => String(place)}
          {...(sum && { footer: sum })}
        />
      )}
    </Section>
  )
}

const columnsOf = (off: ReadonlySet<string>): readonly Column<Charge>[] => [
  {
    key: 'project',
    header: 'Project',
    cell: ({ project, name }) => (
      <>
        {project ? <Link href={hrefOf('project', { id: project.id })}>{name ?? project.id}</Link> : (name ?? <span className="unknown">not named</span>)}{' '}
        {project && off.has(project.id) && (
          <a href="#checks" className="plain-link">
            <Badge tone="warn">does not add up</Badge>
          </a>
        )}
      </>
    ),
  },
  {
    key: 'usage',
    header: 'Usage',
    cell: ({ usage }) =>
      usage?.length ? (
        <ul>
          {usage.map(({ product, used, unitPrice }) => (
            <li key={product}>
              {[product, used && counted(used), unitPrice && `at ${written(unitPrice)}`].filter(Boolean).join(' · ')}
            </li>
          ))}
        </ul>
      ) : (
        <span className="unknown">not stated</span>
      ),
  },
  { key: 'cost', header: 'Cost', align: 'end', cell: ({ cost }) => <Amount money={cost} /> },
]
