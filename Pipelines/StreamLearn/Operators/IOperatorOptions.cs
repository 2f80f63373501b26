namespace StreamLearn;

/// <summary>Options that create their operator, for short calls: <c>flow.Via("every-nth", new EveryNthOptions(2))</c>.</summary>
/// <typeparam name="TIn">Input messages.</typeparam>
/// <typeparam name="TOut">Output messages.</typeparam>
/// <typeparam name="TOperator">The operator.</typeparam>
/// <remarks>Implement it once, on a record: blocks are compared and printed by its values. Further declarations belong to
/// <see cref="IBlockOptions"/>.</remarks>
public interface IOperatorOptions<TIn, TOut, TOperator>
    where TIn : class
    where TOut : class
    where TOperator : Operator<TIn>
{
    /// <summary>Makes the operator, once per run.</summary>
    /// <param name="context">The block's context.</param>
    /// <param name="output">The output.</param>
    TOperator Create(OperatorContext context, IOutput<TOut> output);
}
