using StreamLearn;
using StreamLearn.Learning;

namespace TauDemo;

/// <summary>The block that raises alarms when a case is set.</summary>
internal sealed record CaseAlarmsOptions : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs { get; } =
    [
        MessageCodec.Of("case-alarm/1", static (ref StateStream s, ref DriftAlarm alarm) =>
        {
            var (device, block) = (s.Value(alarm?.Device ?? ""), s.Value(alarm?.Block ?? ""));
            var next = (DataCase)s.Value((int)(alarm?.Row ?? 0), (int)DataCase.Uniform, (int)DataCase.Mixed);
            if (s.IsReading) { alarm = CaseAlarms.Of(device, block, next); }
        }),
    ];

    public override string ToString() => "when a case is set";
}

/// <summary>Tells a block that remembers what rounds have shown that the digits of the nodes change.</summary>
internal sealed class CaseAlarms(OperatorContext context, IOutput<DriftAlarm> output) : Operator<DemoCommand>
{
    public override void Process(DemoCommand input)
    {
        if (input.Case is { } next) { output.Emit(Of(context.Pipeline, context.Block, next)); }
    }

    internal static DriftAlarm Of(string device, string block, DataCase next) => new()
    {
        Device = device,
        Block = block,
        Level = DriftLevel.Drift,
        Row = (int)next,
        Mean = 0,
    };
}
