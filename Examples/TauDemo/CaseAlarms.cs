using StreamLearn;
using StreamLearn.Learning;

namespace TauDemo;

/// <summary>Tells a block that remembers what rounds have shown that the digits of the nodes change.</summary>
internal sealed class CaseAlarms(OperatorContext context, IOutput<DriftAlarm> output) : Operator<DemoCommand>
{
    public override void Process(DemoCommand input)
    {
        if (input.Case is { } next) { output.Emit(Of(next, context)); }
    }

    internal static DriftAlarm Of(DataCase next, OperatorContext context) => new()
    {
        Device = context.Pipeline,
        Block = context.Block,
        Level = DriftLevel.Drift,
        Row = (int)next,
        Mean = 0,
    };
}
