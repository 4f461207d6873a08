// Finds the mutation points of one source file: the places where a small change of an operator, a literal or
// a statement should make a test fail. Types, imports, comments, property names and message texts have none.

import ts from 'typescript'

export interface MutationPoint {
  /** Path relative to the repository. */
  readonly file: string
  /** The line where the replaced text starts, counted from 1. */
  readonly line: number
  /** Offsets of the replaced text. */
  readonly start: number
  readonly end: number
  /** The texts that can replace it: one mutant each. */
  readonly replacements: readonly string[]
}

const K = ts.SyntaxKind

/** Operators that are replaced by another one of the same precedence. */
const binaryReplacements: Partial<Record<ts.SyntaxKind, readonly string[]>> = {
  [K.LessThanToken]: ['<=', '>='],
  [K.LessThanEqualsToken]: ['<', '>'],
  [K.GreaterThanToken]: ['>=', '<='],
  [K.GreaterThanEqualsToken]: ['>', '<'],
  [K.EqualsEqualsEqualsToken]: ['!=='],
  [K.ExclamationEqualsEqualsToken]: ['==='],
  [K.EqualsEqualsToken]: ['!='],
  [K.ExclamationEqualsToken]: ['=='],
  [K.PlusToken]: ['-'],
  [K.MinusToken]: ['+'],
  [K.AsteriskToken]: ['/'],
  [K.SlashToken]: ['*'],
  [K.PercentToken]: ['*'],
  [K.AmpersandToken]: ['|'],
  [K.BarToken]: ['&'],
  [K.PlusEqualsToken]: ['-='],
  [K.MinusEqualsToken]: ['+='],
  [K.AsteriskEqualsToken]: ['/='],
  [K.SlashEqualsToken]: ['*='],
  [K.QuestionQuestionEqualsToken]: ['='],
  [K.BarBarEqualsToken]: ['='],
  [K.AmpersandAmpersandEqualsToken]: ['='],
}

/** Operators whose replacement has another precedence. */
const logicalReplacements: Partial<Record<ts.SyntaxKind, string>> = {
  [K.AmpersandAmpersandToken]: '||',
  [K.BarBarToken]: '&&',
  [K.QuestionQuestionToken]: '&&',
}

const updateReplacements: Partial<Record<ts.SyntaxKind, string>> = {
  [K.PlusPlusToken]: '--',
  [K.MinusMinusToken]: '++',
}

const equalities: readonly ts.SyntaxKind[] = [
  K.EqualsEqualsEqualsToken,
  K.ExclamationEqualsEqualsToken,
  K.EqualsEqualsToken,
  K.ExclamationEqualsToken,
]
const comparisons: readonly ts.SyntaxKind[] = [
  ...equalities,
  K.LessThanToken,
  K.LessThanEqualsToken,
  K.GreaterThanToken,
  K.GreaterThanEqualsToken,
]

/** A piece of source text and what it becomes. */
type Change = readonly [start: number, end: number, ...replacements: string[]]

/** Returns the mutation points of a source text, in the order of their place. */
export function mutationPoints(file: string, text: string): readonly MutationPoint[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const points: MutationPoint[] = []
  const visit = (node: ts.Node): void => {
    if (hasNoPoints(node)) return
    for (const [start, end, ...replacements] of changesOf(node)) {
      const line = source.getLineAndCharacterOfPosition(start).line + 1
      if (replacements.length > 0) points.push({ file, line, start, end, replacements })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return points.sort((a, b) => a.start - b.start || a.end - b.end)
}

/** Returns the text with one replacement of a point applied. */
export function mutate(text: string, { start, end }: MutationPoint, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end)
}

function hasNoPoints(node: ts.Node): boolean {
  return (
    ts.isTypeNode(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    ts.isTemplateExpression(node) ||
    isTextJoin(node) ||
    // A number there is the target of a real signal: a mutant of `kill(pid, 0)` must not hit another process.
    (ts.isCallExpression(node) && nameOfCall(node) === 'kill')
  )
}

function isTextJoin(node: ts.Node): boolean {
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== K.PlusToken) return false
  return [node.left, node.right].some(
    (side) => ts.isStringLiteralLike(side) || ts.isTemplateExpression(side) || isTextJoin(side),
  )
}

function changesOf(node: ts.Node): readonly Change[] {
  const own = changeOf(node)
  const negated = returnedCondition(node)
  const negation: Change[] = negated ? [around(negated, `!(${negated.getText()})`)] : []
  return own ? [own, ...negation] : negation
}

function changeOf(node: ts.Node): Change | undefined {
  if (ts.isBinaryExpression(node)) return changeOfBinary(node)
  if (ts.isPrefixUnaryExpression(node)) return changeOfPrefix(node)
  if (ts.isPostfixUnaryExpression(node)) {
    const replacement = updateReplacements[node.operator]
    return replacement === undefined ? undefined : [node.operand.getEnd(), node.getEnd(), replacement]
  }
  if (ts.isConditionalExpression(node)) return swapOfArms(node)
  if (ts.isExpressionStatement(node)) {
    return isRemovableCall(node.expression) ? around(node, ';') : undefined
  }
  return changeOfLeaf(node)
}

function changeOfLeaf(node: ts.Node): Change | undefined {
  if (node.kind === K.TrueKeyword) return around(node, 'false')
  if (node.kind === K.FalseKeyword) return around(node, 'true')
  if (ts.isNumericLiteral(node) && !isPropertyName(node)) return around(node, ...neighbours(node.getText()))
  if (ts.isPropertyAccessExpression(node) && node.expression.getText() === 'Math') {
    if (node.name.text === 'min') return around(node.name, 'max')
    if (node.name.text === 'max') return around(node.name, 'min')
  }
  return undefined
}

function changeOfBinary(node: ts.BinaryExpression): Change | undefined {
  const { kind } = node.operatorToken
  const logical = logicalReplacements[kind]
  if (logical !== undefined) {
    const [left, right] = [node.left, node.right].map((operand) => inParentheses(operand, isLogical(operand)))
    return around(node, inParentheses(`${left} ${logical} ${right}`, isLogical(node.parent)))
  }
  const replacements = binaryReplacements[kind]
  return replacements && around(node.operatorToken, ...replacements)
}

function changeOfPrefix(node: ts.PrefixUnaryExpression): Change | undefined {
  const update = updateReplacements[node.operator]
  if (update !== undefined) return [node.getStart(), node.operand.getStart(), update]
  const isSign = node.operator === K.ExclamationToken || node.operator === K.MinusToken
  return isSign ? around(node, node.operand.getText()) : undefined
}

/** Swapped arms of a test for equality would only repeat the mutant of the test itself. */
function swapOfArms(node: ts.ConditionalExpression): Change | undefined {
  if (isEquality(node.condition) || isNegation(node.condition)) return undefined
  const [yes, no] = [node.whenTrue.getText(), node.whenFalse.getText()]
  return yes === no ? undefined : [node.whenTrue.getStart(), node.whenFalse.getEnd(), `${no} : ${yes}`]
}

function isRemovableCall(expression: ts.Expression): boolean {
  if (ts.isAwaitExpression(expression) || ts.isVoidExpression(expression)) {
    return isRemovableCall(expression.expression)
  }
  return ts.isCallExpression(expression) && expression.expression.kind !== K.SuperKeyword
}

/** Returns the condition that a node returns, unless its negation is the mutant of its operator. */
function returnedCondition(node: ts.Node): ts.Expression | undefined {
  const isBody = ts.isArrowFunction(node) && !ts.isBlock(node.body)
  const value = ts.isReturnStatement(node) ? node.expression : isBody ? node.body : undefined
  if (!value || !ts.isExpression(value) || isComparison(value) || isNegation(value)) return undefined
  if (value.kind === K.TrueKeyword || value.kind === K.FalseKeyword) return undefined
  const type = typeOfFunction(node)
  if (type) return type.kind === K.BooleanKeyword || ts.isTypePredicateNode(type) ? value : undefined
  return isCondition(value) ? value : undefined
}

/** Returns the written return type of the innermost function around a node. */
function typeOfFunction(node: ts.Node): ts.TypeNode | undefined {
  const inner = ts.findAncestor(node, (each) => ts.isFunctionLike(each))
  return inner && ts.isFunctionLike(inner) ? inner.type : undefined
}

function isLogical(node: ts.Node): boolean {
  return ts.isBinaryExpression(node) && logicalReplacements[node.operatorToken.kind] !== undefined
}

function isCondition(node: ts.Expression): boolean {
  if (!ts.isBinaryExpression(node)) return false
  const { kind } = node.operatorToken
  return [K.AmpersandAmpersandToken, K.BarBarToken, K.InstanceOfKeyword, K.InKeyword].includes(kind)
}

function isComparison(node: ts.Node): boolean {
  return ts.isBinaryExpression(node) && comparisons.includes(node.operatorToken.kind)
}

function isEquality(node: ts.Node): boolean {
  return ts.isBinaryExpression(node) && equalities.includes(node.operatorToken.kind)
}

function isNegation(node: ts.Node): boolean {
  return ts.isPrefixUnaryExpression(node) && node.operator === K.ExclamationToken
}

function isPropertyName(node: ts.Node): boolean {
  return 'name' in node.parent && node.parent.name === node
}

function nameOfCall({ expression }: ts.CallExpression): string | undefined {
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text
  return ts.isIdentifier(expression) ? expression.text : undefined
}

/** Returns the next numbers; double and half of a size or a time, where one more makes no difference. */
function neighbours(text: string): readonly string[] {
  const value = Number(text.replaceAll('_', ''))
  if (value >= 100 && !/^0[xob]/.test(text)) return [String(value * 2), String(Math.floor(value / 2))]
  return value < 1 ? [String(value + 1)] : [String(value + 1), String(value - 1)]
}

function inParentheses(code: ts.Node | string, isNeeded: boolean): string {
  const text = typeof code === 'string' ? code : code.getText()
  return isNeeded ? `(${text})` : text
}

function around(node: ts.Node, ...replacements: string[]): Change {
  return [node.getStart(), node.getEnd(), ...replacements]
}
