namespace StreamLearn;

/// <summary>Options that create their operator. They shorten calls: <c>flow.Via("every-nth", new EveryNthOptions(2))</c>.</summary>
/// <remarks>Implement it once, on a record, because blocks are compared and printed by its values. Further declarations belong to
/// <see cref="IBlockOptions"/>.</remarks>
public interface IOperatorOptions<TIn, TOut, TOperator>
    where TIn : class
    where TOut : class
    where TOperator : Operator<TIn>
{
    /// <summary>Makes the operator, once per run.</summary>
    TOperator Create(OperatorContext context, IOutput<TOut> output);
}
