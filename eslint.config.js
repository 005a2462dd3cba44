import js from '@eslint/js'
import tseslint from 'typescript-eslint'

/** The layers of docs/architecture.md, lowest first: a file imports from its own layer and those before it. */
const layers = ['distribution', 'graph', 'engine', 'ode', 'nn', 'model', 'data', 'train', 'report', 'api', 'cli', 'notebook', 'entry']

/** Layers that a layer may not see although they come before it. */
const blind = {
  engine: [],
  ode: [],
  nn: ['engine', 'ode'],
  data: ['graph', 'engine', 'ode', 'nn', 'model'],
  notebook: ['cli'],
  entry: ['cli', 'notebook'],
}

const layering = layers.map((layer, position) => ({
  files: [`src/${layer}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: [
              ...[...layers.slice(position + 1), ...(blind[layer] ?? [])].flatMap((other) => [`**/${other}/*.js`, `**/${other}/**/*.js`]),
              '**/src/index.js',
              '../index.js',
            ],
            message: `The layer ${layer}/ may not import from a later layer (see docs/architecture.md).`,
          },
        ],
      },
    ],
  },
}))

export default tseslint.config(
  { ignores: ['dist*/', 'docs/api/', 'node_modules/', 'demo/', 'reports/', 'notebooks/', 'test/**/fixtures/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', Buffer: 'readonly', performance: 'readonly' },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['warn', { max: 80 }],
      'max-len': ['error', { code: 140, ignoreUrls: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
    },
  },
  { files: ['test/**', 'bench/**'], rules: { 'max-lines': 'off', 'max-lines-per-function': 'off', 'max-len': 'off' } },
  ...layering,
)
