import type { CodegenConfig } from '@graphql-codegen/cli'

const config: CodegenConfig = {
  schema: '../schema/client.graphql',
  documents: 'src/**/!(*.d).{ts,tsx}',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: { unmaskFunctionName: 'unmask' } },
      config: {
        // A scalar that is missing here fails the build, so none becomes `any` and no Decimal becomes a number.
        strictScalars: true,
        scalars: {
          CurrencyCode: 'string',
          Date: 'string',
          DateTime: 'string',
          Decimal: 'string',
          JSON: 'unknown',
        },
        useTypeImports: true,
      },
    },
    // The possible types of each union and interface. Without it Apollo Client's cache drops fields of fragments on them.
    'src/gql/possibleTypes.ts': { plugins: ['fragment-matcher'] },
  },
}

export default config
