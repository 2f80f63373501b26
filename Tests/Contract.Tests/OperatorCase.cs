namespace Contract.Tests;

/// <summary>One operator of the libraries: how it stands in a pipeline, and options that must be refused.</summary>
internal sealed record OperatorCase(
    string Operator, string Block, Action<PipelineBuilder, Script> Wire, params IReadOnlyList<Action<Flow<Batch>>> Wrong)
{
    /// <summary>Puts it where all that it keeps matters, in the simulation; null: <see cref="Wire"/> does.</summary>
    internal Action<PipelineBuilder, Script>? LongRun { get; init; }

    internal Pipeline BuildLong(Script script) => Pipeline.Define("contract", p => (LongRun ?? Wire)(p, script));

    internal Pipeline Build(Script script) => Pipeline.Define("contract", p => Wire(p, script));

    public override string ToString() => Operator;
}
