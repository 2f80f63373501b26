using StreamLearn;
using StreamLearn.Learning;

namespace TauDemo;

/// <summary>The block that raises alarms when a case is set.</summary>
internal sealed record CaseAlarmsOptions : IBlockOptions
{
    /// <inheritdoc />
    public IReadOnlyList<MessageCodec> MessageCodecs { get; } =
    [
        MessageCodec.Of<DriftAlarm>("case-alarm/1",
            static (writer, alarm) =>
            {
                writer.Write(alarm.Device);
                writer.Write(alarm.Block);
                writer.Write((int)alarm.Row);
            },
            static (ref StateReader reader) => CaseAlarms.Of(
                reader.ReadText(), reader.ReadText(), (DataCase)reader.ReadInt32((int)DataCase.Uniform, (int)DataCase.Mixed))),
    ];

    /// <inheritdoc />
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
