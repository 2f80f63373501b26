namespace StreamLearn.Simulation;

/// <summary>Settings of a virtual world.</summary>
public sealed record WorldOptions
{
    /// <summary>Random seed; default 0.</summary>
    public long Seed { get; init; }

    /// <summary>The virtual start time; default 2000-01-01T00:00Z.</summary>
    public DateTimeOffset Start { get; init; } = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Called for each event in order; null: none.</summary>
    public Action<TraceEvent>? Trace { get; init; }

    /// <summary>True, for tests: returned batch memory is overwritten and never reused.</summary>
    public bool GuardMemory { get; init; }

    /// <summary>For tests, after each call. True: the operator is replaced with one that restores its saved state. Null: never.</summary>
    internal Func<Node, bool>? Reloads { get; init; }
}

/// <summary>One event of a simulated run.</summary>
/// <param name="Time">Virtual time since the world's start.</param>
/// <param name="Device">The device.</param>
/// <param name="Block">The block; empty for the whole device.</param>
/// <param name="Kind"><c>make</c>, <c>process</c>, <c>control</c>, <c>wake-up</c>, <c>complete</c>, <c>publish</c> or <c>arrive</c>; of a
/// device <c>crash</c> or <c>leave</c>.</param>
/// <param name="Amount">Multiply-adds of a call, rows of a created batch, or bytes of a transfer.</param>
public readonly record struct TraceEvent(TimeSpan Time, string Device, string Block, string Kind, long Amount);
