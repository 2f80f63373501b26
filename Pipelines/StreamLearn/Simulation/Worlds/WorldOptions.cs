namespace StreamLearn.Simulation;

/// <summary>Settings of a virtual world.</summary>
public sealed record WorldOptions
{
    /// <summary>Seed of every named random stream; default 0.</summary>
    public long Seed { get; init; }

    /// <summary>The virtual time at which the world starts; default 2000-01-01T00:00Z.</summary>
    public DateTimeOffset Start { get; init; } = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Called for each event of the run, in order; null for none.</summary>
    public Action<TraceEvent>? Trace { get; init; }

    /// <summary>True: for tests. Batches are never used again and their memory is spoiled when it comes back.</summary>
    public bool GuardMemory { get; init; }

    /// <summary>Asked after each call of a block: true to save its state and go on with a new operator; for tests. Null: never.</summary>
    internal Func<Node, bool>? Reloads { get; init; }
}

/// <summary>One event of a simulated run.</summary>
/// <param name="Time">Virtual time since the world's start.</param>
/// <param name="Device">The device.</param>
/// <param name="Block">The block; empty where the whole device is meant.</param>
/// <param name="Kind"><c>make</c>, <c>process</c>, <c>control</c>, <c>wake-up</c>, <c>complete</c>, <c>publish</c> or
/// <c>arrive</c>; of a device <c>crash</c> or <c>leave</c>.</param>
/// <param name="Amount">Multiply-adds of a call, rows of a made batch, bytes of a transfer.</param>
public readonly record struct TraceEvent(TimeSpan Time, string Device, string Block, string Kind, long Amount);
