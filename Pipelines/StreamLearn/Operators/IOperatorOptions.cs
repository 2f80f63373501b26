namespace StreamLearn;

/// <summary>Options that know their operator, so that a block is added in one short line:
/// <c>flow.Via("every-nth", new EveryNthOptions(2))</c>.</summary>
/// <typeparam name="TIn">What the operator takes.</typeparam>
/// <typeparam name="TOut">What it emits.</typeparam>
/// <typeparam name="TOperator">The operator.</typeparam>
/// <remarks>Implement it on a record, once: its values are what the block prints and compares by. What a block declares beyond that
/// (outputs per call, state, schema) is <see cref="IBlockOptions"/>.</remarks>
public interface IOperatorOptions<TIn, TOut, TOperator>
    where TIn : class
    where TOut : class
    where TOperator : Operator<TIn>
{
    /// <summary>Makes the operator, once in each run.</summary>
    /// <param name="context">Time, random streams, memory and counters of this block in this run.</param>
    /// <param name="output">Where the operator emits.</param>
    TOperator Create(OperatorContext context, IOutput<TOut> output);
}
