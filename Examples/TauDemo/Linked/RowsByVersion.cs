using StreamLearn;
using StreamLearn.Learning;

namespace TauDemo;

/// <summary>The rows of a node that come with versions.</summary>
/// <param name="Own">The rows.</param>
internal sealed record RowsByVersionOptions(NodeRows Own) : IBlockOptions
{
    /// <summary>An alarm and a version.</summary>
    public int MaxOutputsPerCall => 2;

    /// <inheritdoc />
    public string? State => Own.State;

    /// <inheritdoc />
    public long StateBytes(Schema? input) => Own.StateBytes(input);

    /// <inheritdoc />
    public override string ToString() => Own.ToString();
}

/// <summary>Hands in the rows of a case at the start, and those of another one when a version comes with it: an alarm goes before the
/// version, so that no step of it is made on the old ones.</summary>
internal sealed class RowsByVersion(
    NodeRows own, OperatorContext context, IOutput<Batch> rows, IOutput<DriftAlarm> alarms, IOutput<Weights> versions)
    : Operator<TauVersion>, IStateful
{
    private readonly CaseRows _rows = new(own, context);

    public string StateFormat => "rows-by-version/1";

    public override void Process(TauVersion input)
    {
        if (input.Case != _rows.Case)
        {
            if (!_rows.TryBegin(input.Case))
            {
                context.Drop(input, "unknown-case");
                return;
            }

            alarms.Emit(CaseAlarms.Of(context.Pipeline, context.Block, input.Case));
        }

        versions.Emit(input.Weights);
    }

    public override void WakeUp()
    {
        if (_rows.Next() is { } batch) { rows.Emit(batch); }
    }

    public void State(ref StateStream s) => _rows.State(ref s);
}
