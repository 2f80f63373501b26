using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Learning;

namespace TauDemo;

/// <summary>When the digits of the nodes change.</summary>
/// <param name="Times">Since the start, in order.</param>
internal sealed record Changes(ImmutableArray<TimeSpan> Times)
{
    /// <inheritdoc />
    public override string ToString() => $"{Times.Length} changes";
}

/// <summary>Tells when the digits change, and stays open.</summary>
internal sealed class ChangesTold(Changes changes, OperatorContext context) : Source<DriftAlarm>
{
    private readonly DateTimeOffset _start = context.Now;
    private int _told;

    public override DateTimeOffset? NextAt => _told < changes.Times.Length ? _start + changes.Times[_told] : DateTimeOffset.MaxValue;

    public override DriftAlarm Next()
    {
        _told++;
        return new()
        {
            Device = context.Pipeline,
            Block = context.Block,
            Level = DriftLevel.Drift,
            Row = _told,
            TimeNanoseconds = null,
            Mean = 0,
        };
    }
}
