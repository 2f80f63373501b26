using StreamLearn;

namespace Contract.Tests;

/// <summary>One operator of the libraries: how it stands in a pipeline, and options that must be refused.</summary>
/// <param name="Operator">The operator's type name.</param>
/// <param name="Block">The name of its block.</param>
/// <param name="Wire">Puts it between the script's sources and collectors.</param>
/// <param name="Wrong">Wirings that must throw an argument exception at the call.</param>
internal sealed record OperatorCase(
    string Operator, string Block, Action<PipelineBuilder, Script> Wire, params IReadOnlyList<Action<Flow<Batch>>> Wrong)
{
    /// <summary>Puts it where all that it keeps matters, in the simulation; null: <see cref="Wire"/> does.</summary>
    internal Action<PipelineBuilder, Script>? LongRun { get; init; }

    internal Pipeline BuildLong(Script script) => Pipeline.Define("contract", p => (LongRun ?? Wire)(p, script));

    internal Pipeline Build(Script script) => Pipeline.Define("contract", p => Wire(p, script));

    public override string ToString() => Operator;
}
