using StreamLearn;
using StreamLearn.Learning;

namespace TauDemo;

/// <summary>Hands in the rows of a case at the start, and those of another one when a command asks for it: an alarm goes first, so that
/// the old ones are forgotten.</summary>
internal sealed class RowsByCase(NodeRows own, OperatorContext context, IOutput<Batch> rows, IOutput<DriftAlarm> alarms)
    : Operator<DemoCommand>, IStateful
{
    private readonly CaseRows _rows = new(own, context);

    public string StateFormat => "rows-by-case/1";

    public override void Process(DemoCommand input)
    {
        if (input.Case is not { } next) { return; }
        if (_rows.TryBegin(next)) { alarms.Emit(CaseAlarms.Of(context.Pipeline, context.Block, next)); }
        else { context.Drop(input, "unknown-case"); }
    }

    public override void WakeUp()
    {
        if (_rows.Next() is { } batch) { rows.Emit(batch); }
    }

    public void State(ref StateStream s) => _rows.State(ref s);
}
